"""``network.gif``: a capacity network at work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.text import Text
from numpy.typing import NDArray
from PIL import Image

from ..errors import NetworkError
from ..files import RunData, write_atomically
from .cards import BAR_WIDTH, bars, draw_cards, draw_links, fill_gauges, level_bars
from .graph import Node, graph_of, number
from .network import BELOW, Scene, draw_key, scene_of
from .replay import accumulator_steps, level_steps
from .signals import ACCUMULATOR, SIGNAL, STIMULUS, marker_area
from .style import FAINT, INK, network_footer, new_figure, our_style

__all__ = ["MOST_ANIMATED_TICKS", "Flight", "Stage", "draw_animation", "flights_of"]

MOST_ANIMATED_TICKS = 60
FRAMES_PER_TICK = 6
FRAME_MS = 90
MOST_PIXELS, FINEST = 1_300_000, 110
N_COLOURS = 128
EXTRA_ABOVE = 0.3
LARGEST_DOT = 90.0
KEY = "card of a neuron: bias, accumulator; each input's number, store, maximum +regeneration, ×weight"


@dataclass(frozen=True)
class Flight:
    """A signal that leaves in one tick and arrives in the next, along the link of that number."""

    departs: int
    link: int
    size: float


def can_be_animated(data: RunData) -> bool:
    """Whether the capacity network of a run is small enough for `draw_animation`."""
    return scene_of(graph_of(data)) is not None


def draw_animation(data: RunData, path: Path) -> Path:
    """Draw a capacity network at work and write it as GIF, at most 60 ticks of it.

    The frames that are labelled with a tick show what neurons and synapses hold at its end, and the signals that were
    sent in it on their way.

    Parameters
    ----------
    data : RunData
    path : Path

    Raises
    ------
    NetworkError
        If the run has no capacity network, or one that is too large for a card for every neuron.
    FileError
        If it cannot be written.
    """
    with our_style():
        scene = scene_of(graph_of(data))
        if scene is None:
            raise NetworkError("the network is too large to animate: at most 40 neurons, and cards that fit a picture")
        stage = Stage(data, scene)
        options: dict[str, Any] = {"duration": FRAME_MS, "loop": 0, "disposal": 1, "transparency": N_COLOURS}

        def write(file: IO[bytes]) -> None:
            frames = stage.frames()
            next(frames).save(file, "GIF", save_all=True, append_images=frames, **options)

        write_atomically(path, write)
    return path


def flights_of(data: RunData, scene: Scene, n_ticks: int) -> list[list[Flight]]:
    """Return the signals on their way after each tick, from 0, before the first, to ``n_ticks``."""
    flights: list[list[Flight]] = [[] for _ in range(n_ticks + 1)]
    feeding = {link.synapse: n for n, link in enumerate(scene.graph.links)}
    read: dict[int, list[int]] = {}
    for n, link in enumerate(scene.graph.links):
        if link.synapse is None:
            read.setdefault(link.source[1], []).append(n)
    for tick, synapse, size in zip(
        data.hit_tick.tolist(), data.hit_synapse.tolist(), data.hit_size.tolist(), strict=True
    ):
        if tick - 1 <= n_ticks and synapse in feeding:
            flights[tick - 1].append(Flight(tick - 1, feeding[synapse], size))
    for tick, neuron, size in zip(
        data.emission_tick.tolist(), data.emission_neuron.tolist(), data.emission_size.tolist(), strict=True
    ):
        if tick <= n_ticks:
            flights[tick] += [Flight(tick, link, size) for link in read.get(neuron, ())]
    return flights


class Stage:
    """A figure whose background is drawn once; what holds for a tick is drawn on it, and then signals on their way.

    Attributes
    ----------
    figure : Figure
    """

    def __init__(self, data: RunData, scene: Scene) -> None:
        self.scene = scene
        self.data = data
        self.n_ticks = min(data.n_ticks, MOST_ANIMATED_TICKS)
        self.flights = flights_of(data, scene, self.n_ticks)
        self.levels = level_steps(data)
        self.accumulators = accumulator_steps(data, scene.graph.neuron_of)
        self.sizes = np.concatenate([data.hit_size, data.emission_size])
        height = scene.height + EXTRA_ABOVE
        self.figure = new_figure(scene.width, height)
        self.figure.dpi = min(FINEST, (MOST_PIXELS / (scene.width * height)) ** 0.5)
        self.axes = Scene(scene.graph, scene.cards, scene.layout, scene.width, height).axes(self.figure)
        self._draw_background(height)
        self._add_what_moves(height)
        canvas: Any = self.figure.canvas
        canvas.draw()
        self.canvas, self.background = canvas, canvas.copy_from_bbox(self.figure.bbox)

    def _draw_background(self, height: float) -> None:
        scene, shown = self.scene, f"{self.n_ticks:,} ticks"
        draw_cards(self.axes, scene.graph, scene.cards, scene.layout)
        draw_links(self.axes, scene.graph, scene.layout)
        draw_key(self.figure, Scene(scene.graph, scene.cards, scene.layout, scene.width, height), KEY)
        network_footer(self.figure, self.data, len(scene.graph.neurons), scene.graph.neuron_of.size)
        if self.n_ticks < self.data.n_ticks:
            shown = f"the first {self.n_ticks:,} of {self.data.n_ticks:,} ticks"
        place = (1 - 0.3 / scene.width, 1 - 0.2 / height)
        self.figure.text(*place, shown, size=8, color=FAINT, ha="right", va="top")
        outlines = bars(*self._bar_places(), np.full(len(scene.graph.neurons), BAR_WIDTH))
        self.axes.add_collection(
            PolyCollection(outlines, facecolors="white", edgecolors=FAINT, linewidths=0.6, zorder=3.5)
        )
        zero, middle = self._zeros(), self._bar_places()[1]
        self.axes.vlines(zero, middle - 0.065, middle + 0.065, color=INK, lw=0.8, zorder=3.8)

    def _zeros(self) -> NDArray[np.float64]:
        """Return where the bar of each accumulator begins."""
        low, scale = self._range()
        return self._bar_places()[0] - low * scale

    def _range(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the least that each accumulator held, or 0, and how many inches 1 is in its bar."""
        low = np.array([min(0.0, steps.value.min()) for steps in self.accumulators])
        high = np.array([max(0.0, steps.value.max()) for steps in self.accumulators])
        return low, BAR_WIDTH / np.where(high > low, high - low, 1)

    def _bar_places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        cards = self.scene.cards
        places = [
            (x - cards.width / 2 + cards.bar_left, y + cards.boxes[node].height / 2 - 0.3)
            for node, (x, y) in self.scene.layout.place.items()
            if node[0] == "neuron"
        ]
        left, middle = np.array(places).reshape(-1, 2).T
        return left, middle

    def _add_what_moves(self, height: float) -> None:
        scene, axes = self.scene, self.axes
        empty = np.zeros(len(self.levels))
        self.gauges = fill_gauges(axes, scene.graph, scene.cards, scene.layout, empty)
        self.bars = PolyCollection([], facecolors=ACCUMULATOR, linewidths=0, zorder=3.6)
        axes.add_collection(self.bars)
        self.values = {
            node: axes.text(*place, "", size=7, ha=align, va="center_baseline", zorder=6)
            for node, (place, align) in self._value_places().items()
        }
        self.sent = {node: self._sent_text(node) for node in scene.layout.place if node[0] == "neuron"}
        self.dots: PathCollection = axes.scatter([], [], zorder=7)
        top = height - BELOW - 0.95
        left = axes.get_xlim()[0] + 0.3
        self.counter = axes.text(left, top + 0.65, "", size=13, weight="bold", va="center_baseline")
        self.stimulus = axes.text(left, top + 0.38, "", size=9, va="center_baseline")
        self.moving: list[Any] = [self.gauges, self.bars, *self.values.values(), *self.sent.values()]
        self.moving += [self.counter, self.stimulus]
        for artist in [*self.moving, self.dots]:
            artist.set_animated(True)

    def _value_places(self) -> dict[Node, tuple[tuple[float, float], str]]:
        cards = self.scene.cards
        places = {}
        for node, (x, y) in self.scene.layout.place.items():
            if node[0] == "neuron":
                right = x - cards.width / 2 + cards.bar_left + BAR_WIDTH + 0.05
                places[node] = ((right, y + cards.boxes[node].height / 2 - 0.3), "left")
            else:
                places[node] = ((x - 0.03, y + 0.2), "center")
        return places

    def _sent_text(self, node: Node) -> Text:
        x, y = self.scene.layout.place[node]
        box = self.scene.cards.boxes[node]
        halo = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.9}
        place = (x + box.width / 2, y + box.height / 2 + 0.065)
        return self.axes.text(*place, "", size=7, weight="bold", ha="right", va="center", zorder=6, bbox=halo)

    def frames(self) -> Iterator[Image.Image]:
        """Yield all frames: the first whole, and of each other what differs from the one before."""
        colours = self._colours()
        nearest = _nearest(colours)
        before = None
        for tick in range(self.n_ticks + 1):
            self.show(tick)
            for part in range(FRAMES_PER_TICK):
                self._set_dots(self.flights[tick], (part + 0.5) / FRAMES_PER_TICK)
                index = nearest[_coarse(self._picture())]
                shown = index if before is None else np.where(index == before, np.uint8(N_COLOURS), index)
                picture = Image.fromarray(shown, "P")
                picture.putpalette(colours.tobytes())
                yield picture
                before = index

    def _colours(self) -> NDArray[np.uint8]:
        """Return the commonest colours, (128, 3), of some frames."""
        packed = []
        for tick in np.unique(np.linspace(0, self.n_ticks, 6).astype(int)).tolist():
            self.show(tick)
            self._set_dots(self.flights[tick], 0.5)
            packed.append(self._picture() @ np.array([1 << 16, 1 << 8, 1]))
        known, count = np.unique(np.stack(packed), return_counts=True)
        common = known[np.argsort(-count, kind="stable")][:N_COLOURS]
        colours = np.zeros((N_COLOURS, 3), np.uint8)
        colours[: common.size] = np.stack([common // 65536, common // 256 % 256, common % 256], axis=-1)
        return colours

    def show(self, tick: int) -> None:
        """Show what neurons, synapses and ports hold at the end of a tick."""
        scene, data = self.scene, self.data
        level = np.array([steps.at(tick) for steps in self.levels])
        self.gauges.set_verts(level_bars(scene.graph, scene.cards, scene.layout, level))
        value = np.array([steps.at(tick) for steps in self.accumulators])
        self.bars.set_verts(self._accumulator_bars(value))
        for n, number_of in enumerate(value.tolist()):
            self.values["neuron", n].set_text(number(number_of))
            sent = data.emission_size[(data.emission_tick == tick) & (data.emission_neuron == n)].tolist()
            more = f" +{len(sent) - 2}" if len(sent) > 2 else ""
            self.sent["neuron", n].set_text(" ".join(number(size) for size in sent[:2]) + more)
        self.counter.set_text(f"tick {tick}")
        self._set_ports(tick)
        self.canvas.restore_region(self.background)
        for artist in self.moving:
            self.axes.draw_artist(artist)
        self.state = self.canvas.copy_from_bbox(self.figure.bbox)

    def _accumulator_bars(self, value: NDArray[np.float64]) -> list[Any]:
        scale = self._range()[1]
        return bars(self._zeros() + np.minimum(value, 0) * scale, self._bar_places()[1], np.abs(value) * scale)

    def _set_ports(self, tick: int) -> None:
        """Write beside ports what comes in next, and what came out last."""
        data = self.data
        coming = np.flatnonzero(data.stimulus_tick == tick + 1)
        for node, text in self.values.items():
            if node[0] == "in":
                sizes = data.stimulus_size[coming][data.stimulus_port[coming] == node[1]]
                text.set_text(" ".join(map(number, sizes.tolist())))
            elif node[0] == "out":
                came = data.output_size[(data.output_port == node[1]) & (data.output_tick < tick)]
                text.set_text(number(float(came[-1])) if came.size else "")
        given = int(np.searchsorted(data.stimulus_tick, tick + 1, side="right"))
        if given:
            size, port = number(float(data.stimulus_size[given - 1])), data.stimulus_port[given - 1]
            self.stimulus.set_text(f"stimulus {given} of {data.stimulus_tick.size}: {size} into port {port}")

    def _set_dots(self, flights: list[Flight], share: float) -> None:
        seen: dict[int, int] = {}
        places, colours, rims = [], [], []
        for flight in flights:
            behind = seen[flight.link] = seen.get(flight.link, -1) + 1
            places.append(_along(self.scene.layout.paths[flight.link], max(share - 0.07 * behind, 0.0)))
            colour = STIMULUS if self.scene.graph.links[flight.link].source[0] == "in" else SIGNAL
            colours.append(colour if flight.size > 0 else "white")
            rims.append("white" if flight.size > 0 else colour)
        self.dots.set_offsets(np.array(places).reshape(-1, 2))
        self.dots.set_sizes(marker_area(np.array([flight.size for flight in flights]), self.sizes, LARGEST_DOT))
        self.dots.set_facecolor(colours)
        self.dots.set_edgecolor(rims)

    def _picture(self) -> NDArray[np.uint8]:
        self.canvas.restore_region(self.state)
        self.axes.draw_artist(self.dots)
        picture: NDArray[np.uint8] = np.asarray(self.canvas.buffer_rgba())[:, :, :3]
        return picture


def _along(path: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return the point at a share of a path's length."""
    length = np.append(0.0, np.cumsum(np.hypot(*np.diff(path, axis=0).T)))
    return np.array([np.interp(share * length[-1], length, part) for part in path.T])


def _coarse(picture: NDArray[np.uint8]) -> NDArray[Any]:
    """Return a number from 0 to 32,767 for the colour of each pixel."""
    fine = picture >> 3
    return fine @ np.array([1 << 10, 1 << 5, 1], np.uint16)


def _nearest(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return which of the colours is nearest to each coarse one; without dithering, so that little changes."""
    axis = np.arange(32) * 255 // 31
    coarse = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    nearest: NDArray[np.uint8] = (
        ((coarse - colours.astype(np.int64)) ** 2).sum(axis=-1).argmin(axis=-1).astype(np.uint8)
    )
    return nearest
