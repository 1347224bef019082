"""How ports, neurons and links of a capacity network are drawn: the signs that pictures and animations share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from .graph import Graph, Node, number, printable
from .layout import Box, Layout
from .style import FAINT, INK, PALETTE

__all__ = [
    "EXCITATORY",
    "INHIBITORY",
    "LEVEL",
    "SIGNS",
    "Cards",
    "bars",
    "draw_cards",
    "draw_links",
    "fill_gauges",
    "head_style",
    "level_bars",
    "make_cards",
    "shorten_to",
    "sign_handles",
    "text_width",
]

EXCITATORY, INHIBITORY, LEVEL = PALETTE[4], PALETTE[1], PALETTE[2]
PORT = "#EEEEEE"
SIGNS = {
    1: ("excitatory input", EXCITATORY, "solid", ">"),
    -1: ("inhibitory input", INHIBITORY, (0, (4, 1.6)), "o"),
    0: ("input of weight 0", FAINT, (0, (1, 1.5)), "s"),
}
HEAD = 0.09
LINE, TOP, PORT_HEIGHT = 0.17, 0.4, 0.27
GAUGE_LEFT, GAUGE_WIDTH, GAUGE_HEIGHT = 0.27, 0.36, 0.09
BAR_WIDTH, VALUE_WIDTH = 0.4, 0.55


def text_width(figure: Figure, text: str, size: float, weight: str = "normal") -> float:
    """Return how wide a text is [inches]."""
    canvas: Any = figure.canvas
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width = canvas.get_renderer().get_text_width_height_descent(text, font, ismath=False)[0]
    return float(width) / figure.dpi


def shorten_to(figure: Figure, text: str, width: float, size: float, weight: str = "normal") -> str:
    """Take letters out of the middle of a text until it is not wider than ``width`` [inches]."""
    text = printable(text)
    short, kept = text, min(len(text), 60)
    while text_width(figure, short, size, weight) > width and kept > 1:
        kept -= 1
        short = text[: kept - kept // 2] + "…" + text[len(text) - kept // 2 :]
    return short


@dataclass(frozen=True)
class Cards:
    """What is written on the cards, and how large they are.

    Attributes
    ----------
    boxes : dict of Node to Box
    names : dict of Node to str
        Shortened to the width of a card.
    width : float
        Of a neuron's card [inches].
    bar_left : float
        Where the bar of an accumulator begins.
    n_shortened : int
    """

    boxes: dict[Node, Box]
    names: dict[Node, str]
    width: float
    bar_left: float
    n_shortened: int


def make_cards(figure: Figure, graph: Graph) -> Cards:
    """Make a card for every port and neuron, all neurons' equally wide."""
    store = max((text_width(figure, _store(s.capacity_max, s.regeneration), 7) for s in graph.synapses), default=0.0)
    weight = max((text_width(figure, _weight(s.weight), 7, "bold") for s in graph.synapses), default=0.0)
    bias = max((text_width(figure, f"bias {number(neuron.bias)}", 7) for neuron in graph.neurons), default=0.0)
    bar_left = 0.1 + bias + 0.1
    width = max(GAUGE_LEFT + GAUGE_WIDTH + 0.06 + store + 0.1 + weight + 0.08, bar_left + BAR_WIDTH + VALUE_WIDTH)
    port = max((text_width(figure, f"{kind} {port}", 8) for kind, port in graph.nodes if kind != "neuron"), default=0.0)
    boxes, names, n_shortened = {}, {}, 0
    for node in graph.nodes:
        if node[0] != "neuron":
            names[node] = f"{node[0]} {node[1]}"
            boxes[node] = Box(port + 0.36, PORT_HEIGHT)
            continue
        neuron = graph.neurons[node[1]]
        names[node] = shorten_to(figure, neuron.id, width - 0.3, 8, "bold")
        n_shortened += names[node] != printable(neuron.id)
        n = len(neuron.inputs)
        height = TOP + n * LINE + 0.05
        slots = tuple(height / 2 - TOP - (k + 0.5) * LINE for k in range(n))
        boxes[node] = Box(width, height, (slots[0] + slots[-1]) / 2, slots)
    return Cards(boxes, names, width, bar_left, n_shortened)


def _store(maximum: float, regeneration: float) -> str:
    return f"{number(maximum)} +{number(regeneration)}"


def _weight(weight: float) -> str:
    return f"×{number(weight)}"


def bars(lefts: NDArray[np.float64], middles: NDArray[np.float64], widths: NDArray[np.float64]) -> list[Any]:
    """Return the corners, (4, 2) each, of horizontal bars of a gauge's height."""
    low, high, right = middles - GAUGE_HEIGHT / 2, middles + GAUGE_HEIGHT / 2, lefts + widths
    x, y = np.stack([lefts, right, right, lefts], axis=-1), np.stack([low, low, high, high], axis=-1)
    return list(np.stack([x, y], axis=-1))


def gauge_places(graph: Graph, cards: Cards, layout: Layout) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the left end and the middle line of the gauge of each synapse."""
    places = [
        (x - cards.width / 2 + GAUGE_LEFT, y + slot)
        for n in range(len(graph.neurons))
        for x, y in [layout.place["neuron", n]]
        for slot in cards.boxes["neuron", n].slots
    ]
    left, middle = np.array(places).reshape(-1, 2).T
    return left, middle


def fill_gauges(axes: Axes, graph: Graph, cards: Cards, layout: Layout, level: NDArray[np.float64]) -> PolyCollection:
    """Fill gauges with the levels of all synapses; return what can be filled otherwise with `level_bars`."""
    filled = PolyCollection(level_bars(graph, cards, layout, level), facecolors=LEVEL, linewidths=0, zorder=3.6)
    axes.add_collection(filled)
    return filled


def level_bars(graph: Graph, cards: Cards, layout: Layout, level: NDArray[np.float64]) -> list[Any]:
    """Return the bars that show levels; a store that can hold nothing stays empty."""
    left, middle = gauge_places(graph, cards, layout)
    maximum = np.array([config.capacity_max for config in graph.synapses], np.float64)
    share = np.divide(level, maximum, out=np.zeros_like(maximum), where=maximum > 0)
    return bars(left, middle, GAUGE_WIDTH * share.clip(0, 1))


def draw_cards(axes: Axes, graph: Graph, cards: Cards, layout: Layout) -> None:
    """Draw ports and neurons, with gauges that are empty."""
    connected = {link.synapse for link in graph.links}
    outlines, ports = [], []
    for node, (x, y) in layout.place.items():
        box = cards.boxes[node]
        left, right = x - box.width / 2, x + box.width / 2
        low, high = y - box.height / 2, y + box.height / 2
        if node[0] == "neuron":
            outlines.append([(left, low), (right, low), (right, high), (left, high)])
            _write_card(axes, graph, cards, node[1], (left, high), connected)
        else:
            ports.append([(left, low), (right - 0.12, low), (right, y), (right - 0.12, high), (left, high)])
            axes.text(x - 0.03, y, cards.names[node], size=8, ha="center", va="center_baseline", zorder=4)
    axes.add_collection(PolyCollection(outlines, facecolors="white", edgecolors=INK, linewidths=1.0, zorder=3))
    axes.add_collection(PolyCollection(ports, facecolors=PORT, edgecolors=INK, linewidths=1.0, zorder=3))
    gauges, middles = gauge_places(graph, cards, layout)
    corners = bars(gauges, middles, np.full(gauges.size, GAUGE_WIDTH))
    axes.add_collection(PolyCollection(corners, facecolors="white", edgecolors=FAINT, linewidths=0.6, zorder=3.5))


def _write_card(
    axes: Axes, graph: Graph, cards: Cards, n: int, corner: tuple[float, float], connected: set[int | None]
) -> None:
    left, high = corner
    neuron = graph.neurons[n]
    aligned: dict[str, Any] = {"va": "center_baseline", "zorder": 4}
    axes.text(left + 0.1, high - 0.13, cards.names["neuron", n], size=8, weight="bold", **aligned)
    axes.text(left + 0.1, high - 0.3, f"bias {number(neuron.bias)}", size=7, **aligned)
    for k, config in enumerate(neuron.inputs):
        y = high - TOP - (k + 0.5) * LINE
        free = graph.first_synapse[n] + k not in connected
        colour = FAINT if free else INK
        axes.text(left + 0.2, y, str(k), size=6, color=FAINT, ha="right", **aligned)
        store = _store(config.capacity_max, config.regeneration)
        axes.text(left + GAUGE_LEFT + GAUGE_WIDTH + 0.06, y, store, size=7, color=colour, **aligned)
        sign = FAINT if free else SIGNS[(config.weight > 0) - (config.weight < 0)][1]
        place = left + cards.width - 0.08
        axes.text(place, y, _weight(config.weight), size=7, weight="bold", color=sign, ha="right", **aligned)
        if free:
            axes.plot([left], [y], marker="x", ms=5, mew=1.4, color=FAINT, zorder=5)


def draw_links(axes: Axes, graph: Graph, layout: Layout) -> None:
    """Draw axons in black, and their ends by what they do: an arrow excites, a dashed line with a dot inhibits."""
    axes.add_collection(LineCollection(layout.trunks, colors=INK, linewidths=1.0, snap=False, zorder=1))
    for sign, (_, colour, line, head) in SIGNS.items():
        ends = [
            branch
            for branch, link in zip(layout.branches, graph.links, strict=True)
            if link.sign == sign and link.synapse is not None
        ]
        lines = LineCollection(ends, colors=colour, linewidths=1.2, linestyles=[line], snap=False, zorder=2)
        axes.add_collection(lines)
        tips = np.array([end[-1] for end in ends]).reshape(-1, 2)
        axes.plot(tips[:, 0] - HEAD / 2, tips[:, 1], ls="", **head_style(head, colour), zorder=5)
    out = [branch for branch, link in zip(layout.branches, graph.links, strict=True) if link.synapse is None]
    axes.add_collection(LineCollection(out, colors=INK, linewidths=1.0, snap=False, zorder=1))


def head_style(marker: str, colour: str) -> dict[str, Any]:
    """Return how the head of a link is drawn."""
    face = "white" if marker == "s" else colour
    return {"marker": marker, "ms": 5.5, "mfc": face, "mec": colour, "mew": 1.0}


def sign_handles(graph: Graph) -> list[Line2D]:
    """Return handles for a legend: the kinds of links there are, and inputs that are free."""
    handles = []
    present = {link.sign for link in graph.links if link.synapse is not None}
    for sign, (name, colour, line, head) in SIGNS.items():
        if sign in present:
            handles.append(Line2D([], [], color=colour, ls=line, lw=1.2, label=name, **head_style(head, colour)))
    handles.append(Line2D([], [], color=INK, lw=1.0, label="axon"))
    if len({link.synapse for link in graph.links} - {None}) < graph.neuron_of.size:
        handles.append(Line2D([], [], color=FAINT, ls="", marker="x", ms=5, mew=1.4, label="input that nothing feeds"))
    return handles
