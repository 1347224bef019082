"""Pictures: the same data give the same bytes, every spike can be seen, and nothing covers anything."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.axis import Axis
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from runen_ecs.errors import FileError
from runen_ecs.files import RunData
from runen_ecs.plots import draw_spikes, draw_trace, save_picture
from runen_ecs.plots.raster import density_image
from runen_ecs.plots.style import PALETTE, SETTINGS

COLUMN = {"sensory": 10, "motor": 10, "afferent": 10, "efferent": 10, "internal": 60}
PHASES = (("theta", 0.0, 4.0), ("disorganised", 6.0, 9.0), ("alpha", 10.0, 20.0))
SIZES = {"spikes.png": (1800, 1500), "neuron-trace.png": (1800, 900)}
SHORT_SIZES = {"spikes.png": (1800, 1116), "neuron-trace.png": (1800, 516)}  # without single seconds
DRAW: dict[str, Callable[[RunData], Figure]] = {"spikes.png": draw_spikes, "neuron-trace.png": draw_trace}


def make_run(
    columns: int = 2,
    ticks: int = 1000,
    *,
    layers: dict[str, int] | None = None,
    rate_hz: float = 8.0,
    phases: tuple[tuple[str, float, float], ...] = PHASES,
    partial: bool = False,
    title: str = "Cortical columns",
    n_synapses: int = 10,
) -> RunData:
    """Return a run of neurons that fire by chance, more at some times than at others."""
    generator = np.random.default_rng(1)
    layers = layers or COLUMN
    in_column = sum(layers.values())
    n = columns * in_column
    n_spikes = round(rate_hz * n * ticks / 1000)
    tick = (np.arange(n_spikes) * ticks // max(n_spikes, 1) // 100 * 100 + generator.normal(50, 12, n_spikes)).astype(
        int
    )
    tick = np.sort(np.clip(tick, 0, max(ticks - 1, 0))) + 1
    neuron = generator.integers(0, n, n_spikes)
    v = generator.normal(-65, 3, (ticks, 1))
    v[tick[neuron == 0] - 1] = -65.0
    return RunData(
        spike_tick=tick.astype(np.int32),
        spike_neuron=neuron.astype(np.int32),
        neuron_column=np.repeat(np.arange(columns, dtype=np.int32), in_column),
        neuron_layer=np.tile(np.repeat(np.arange(len(layers), dtype=np.int32), list(layers.values())), columns),
        layer_names=np.array(list(layers)),
        synapse_source=np.zeros(n_synapses, np.int32),
        synapse_target=np.zeros(n_synapses, np.int32),
        synapse_delay=np.ones(n_synapses, np.int32),
        weight_initial=np.zeros(n_synapses),
        weight=np.zeros(n_synapses),
        trace_neuron=np.zeros(1, np.int32),
        trace_v=v,
        weight_tick=np.zeros(0, np.int32),
        weight_snapshot=np.zeros((0, n_synapses)),
        meta={
            "scenario": {"title": title},
            "seed": 1,
            "phases": [{"name": name, "from_s": start, "to_s": stop} for name, start, stop in phases],
            "ticks": ticks,
            "dt_ms": 1.0,
            "partial": partial,
            "versions": {"runen-ecs": "0.1.0"},
        },
    )


def with_spikes(data: RunData, *spikes: tuple[int, int]) -> RunData:
    """Return the run with these spikes, of tick and neuron, for its own."""
    data.spike_tick, data.spike_neuron = np.array(sorted(spikes), np.int32).reshape(-1, 2).T
    return data


def silent(**options: Any) -> RunData:
    """Return a run in which nobody fires."""
    return make_run(rate_hz=0.0, **options)


def with_a_gap() -> RunData:
    """Return a run in which a column, and the neuron that is watched, were deleted half way."""
    data = make_run(3)
    data.neuron_column[100:200] = data.neuron_layer[100:200] = -1
    data.trace_neuron[0] = 100
    data.trace_v[500:] = np.nan
    return data


def without_a_number() -> RunData:
    """Return a run that went astray: the potential that is watched became infinite, then NaN."""
    data = make_run(1, 16, partial=True)
    data.trace_v[8:12], data.trace_v[12:] = np.inf, np.nan
    return data


RUNS: dict[str, Callable[[], RunData]] = {
    "usual": lambda: make_run(5, 12_000),
    "one neuron": lambda: with_spikes(silent(columns=1, layers={"only": 1}), (1, 0), (1000, 0)),
    "one neuron, silent": lambda: silent(columns=1, layers={"only": 1}, n_synapses=0),
    "no spikes": silent,
    "one tick": lambda: make_run(ticks=1),
    "one tick, one spike": lambda: with_spikes(make_run(ticks=1), (1, 5)),
    "no tick": lambda: silent(ticks=0, partial=True),
    "no phases": lambda: make_run(phases=()),
    "phases that were not reached": lambda: make_run(phases=(("late", 5.0, 9.0),)),
    "one column": lambda: make_run(1),
    "200 columns": lambda: make_run(200),
    "stopped early": lambda: make_run(ticks=6500, partial=True),
    "deleted neurons": with_a_gap,
    "gone astray": without_a_number,
    "more layers than colours": lambda: make_run(layers={f"layer {k}": 3 for k in range(12)}),
}


def size_of(path: Path) -> tuple[int, int]:
    """Return the width and height of a PNG file."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:])
    return width, height


@pytest.mark.parametrize("picture", DRAW)
@pytest.mark.parametrize("run", RUNS)
def test_any_run_can_be_drawn(run: str, picture: str, tmp_path: Path) -> None:
    """Every picture of every run is drawn without a warning, and nothing else is left."""
    path = save_picture(DRAW[picture], RUNS[run](), tmp_path / picture)

    assert (tmp_path / picture, 1800) == (path, size_of(path)[0])
    assert [path] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("ticks", "sizes"), [(1001, SIZES), (1000, SHORT_SIZES)])
def test_a_run_of_a_second_is_not_shown_twice(ticks: int, sizes: dict[str, tuple[int, int]], tmp_path: Path) -> None:
    """Single seconds are drawn of a longer run only; the picture of another is so much lower."""
    assert sizes == {
        name: size_of(save_picture(draw, make_run(ticks=ticks), tmp_path / name)) for name, draw in DRAW.items()
    }


@pytest.mark.parametrize("picture", DRAW)
def test_the_same_run_gives_the_same_bytes(picture: str, tmp_path: Path) -> None:
    """A picture depends on the data alone, not on the clock or on what was drawn before."""
    first = save_picture(DRAW[picture], make_run(), tmp_path / "first.png").read_bytes()
    save_picture(DRAW[picture], make_run(3, 500), tmp_path / "other.png")
    second = save_picture(DRAW[picture], make_run(), tmp_path / "second.png").read_bytes()

    assert first == second


@pytest.mark.parametrize("picture", DRAW)
def test_the_user_s_own_style_changes_nothing(picture: str, tmp_path: Path) -> None:
    """What a user has set for other pictures, as in a matplotlibrc, does not come through."""
    first = save_picture(DRAW[picture], make_run(), tmp_path / "first.png").read_bytes()
    with rc_context({"axes.facecolor": "red", "axes.grid": True, "savefig.dpi": 30, "image.cmap": "gray"}):
        second = save_picture(DRAW[picture], make_run(), tmp_path / "second.png").read_bytes()

    assert first == second


@pytest.mark.parametrize("picture", DRAW)
def test_another_run_gives_another_picture(picture: str, tmp_path: Path) -> None:
    """What is drawn is the data: one spike of the watched neuron more is seen in both pictures."""
    data = make_run()
    save_picture(DRAW[picture], data, tmp_path / "first.png")
    more = with_spikes(data, *zip(data.spike_tick, data.spike_neuron, strict=True), (700, 0))
    save_picture(DRAW[picture], more, tmp_path / "second.png")

    assert (tmp_path / "first.png").read_bytes() != (tmp_path / "second.png").read_bytes()


def test_a_long_run_needs_little_memory_to_draw() -> None:
    """A thousand seconds of a column are drawn in 250 MB: no more is kept of them than can be seen."""
    data = make_run(1, 1_000_000, rate_hz=1.0)
    peaks = []
    for draw in DRAW.values():
        tracemalloc.start()
        draw(data).canvas.draw()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert [True, True] == [peak < 250e6 for peak in peaks], peaks


def test_a_picture_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A picture in a folder that is not there gets an error with its path."""
    with pytest.raises(FileError, match=r"nowhere/spikes\.png: cannot be written"):
        save_picture(draw_spikes, make_run(), tmp_path / "nowhere" / "spikes.png")


def test_a_partial_run_is_marked() -> None:
    """Where a run was stopped early, its pictures say so; where it was not, they do not."""
    for draw in DRAW.values():
        for partial in (True, False):
            texts = [text.get_text() for text in draw(make_run(partial=partial)).findobj(Text)]

            assert partial == any("(stopped early)" in text for text in texts)


# --- what can be read -----------------------------------------------------------------------------------------------


def check_texts(figure: Figure) -> None:
    """Hold that no text of a picture covers another, or leaves the picture."""
    texts = shown_texts(figure)
    left, low, right, high = figure.bbox.extents

    assert [] == [
        text for text, box in texts if box.x0 < left or box.y0 < low or box.x1 > right + 0.5 or box.y1 > high + 0.5
    ]
    assert [] == [
        (a, b)
        for (a, box), (b, other) in combinations(texts, 2)
        if min(box.x1, other.x1) - max(box.x0, other.x0) > 1 and min(box.y1, other.y1) - max(box.y0, other.y0) > 1
    ]


def shown_texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return the texts that can be seen in a figure, with their places in pixels."""
    figure.canvas.draw()
    unused = set()  # labels of ticks outside the limits of their axis
    for axis in figure.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks() + axis.get_minor_ticks():
            if not low <= tick.get_loc() <= high:
                unused |= {tick.label1, tick.label2}
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and t not in unused]
    hidden = {tick.label2 for axis in figure.findobj(Axis) for tick in axis.get_major_ticks()}
    return [(t.get_text(), t.get_window_extent()) for t in texts if t not in hidden]


READABLE: dict[str, Callable[[], RunData]] = {
    "20 s": lambda: make_run(20, 20_000),
    "7 s": lambda: make_run(5, 7_000),
    "200 ms": lambda: make_run(1, 200),
    "1 ms": lambda: make_run(1, 1),
    "60 columns": lambda: make_run(60, 1000),
    "phases in a corner of a long run": lambda: make_run(1, 400_000, rate_hz=1.0),
    "phases with long names": lambda: make_run(
        1, 4000, phases=(("before the storm comes", 0, 0.5), ("the storm itself", 0.5, 1))
    ),
    "many layers with long names": lambda: make_run(layers={f"layer {k} of the cortex": 3 for k in range(9)}),
    "a long title": lambda: make_run(title="A title that says all there is to say, and then some more of it " * 4),
}


@pytest.mark.parametrize("picture", DRAW)
@pytest.mark.parametrize("run", READABLE)
def test_no_text_covers_another_or_leaves_the_picture(run: str, picture: str) -> None:
    """Every name and number can be read, in short and long runs, with few and many columns and layers."""
    with rc_context(SETTINGS):
        figure = DRAW[picture](READABLE[run]())
        check_texts(figure)


def test_what_is_called_a_second_is_one() -> None:
    """A panel that is titled as one second shows a second, and a run of two has such a panel."""
    for draw in DRAW.values():
        with rc_context(SETTINGS):
            figure = draw(make_run(1, 2000))
        panels = [axes for axes in figure.axes if axes.get_title(loc="left").startswith("one second")]

        assert panels
        assert [1.0] * len(panels) == [axes.get_xlim()[1] - axes.get_xlim()[0] for axes in panels]


def test_a_rhythm_that_is_named_is_shown() -> None:
    """The frequency that a phase is labelled with lies inside the panel of rhythms."""
    data = make_run(1, 4000, phases=(("fast", 0.0, 4.0),))
    data = with_spikes(data, *((tick, neuron) for tick in range(1, 4000, 28) for neuron in range(50)))  # 35.7 Hz
    with rc_context(SETTINGS):
        figure = draw_spikes(data)
    named = [(axes, t) for axes in figure.axes for t in axes.texts if t.get_text().endswith("Hz")]
    axes, label = named[0]

    assert "35.6 Hz" in label.get_text()
    assert axes.get_ylim()[1] >= 35.6


def test_the_rhythm_is_shown_to_the_end() -> None:
    """The panel of rhythms covers the run from beginning to end."""
    with rc_context(SETTINGS):
        axes = draw_spikes(make_run(1, 1020)).axes[2]
    start, stop, *_ = axes.images[0].get_extent()

    assert start <= 0
    assert stop >= 1.02


# --- the raster as data ---------------------------------------------------------------------------------------------


def darkness(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each pixel is from white: 0 for white, 1 for black."""
    distance: NDArray[np.float64] = 1 - image.mean(axis=2)
    return distance


def test_the_picture_of_a_tiny_run() -> None:
    """Time runs to the right, neurons downwards; hue is the layer, depth the number of spikes."""
    data = with_spikes(
        silent(columns=2, ticks=8, layers={"a": 1, "b": 1}),
        *((1, 0), (2, 0), (3, 1), (8, 3), (5, 2), (5, 2), (6, 2), (6, 2), (7, 3), (7, 2)),
    )
    image = density_image(data, 4, 4)

    assert [
        ["#eebc4d", "#ffffff", "#ffffff", "#ffffff"],
        ["#ffffff", "#edb88f", "#ffffff", "#ffffff"],
        ["#ffffff", "#ffffff", "#e69f00", "#f4d58f"],
        ["#ffffff", "#ffffff", "#ffffff", "#e28f4d"],
    ] == [[to_hex(pixel) for pixel in row] for row in image]


def test_a_picture_has_no_pixel_that_stands_for_nothing() -> None:
    """Fewer ticks or neurons than pixels give fewer, larger pixels."""
    assert (200, 100, 3) == density_image(make_run(2, 100), 1000, 800).shape
    assert (50, 40, 3) == density_image(make_run(2, 100), 40, 50).shape


@pytest.mark.parametrize("spike", [(1, 0), (1, 1999), (20_000, 0), (20_000, 1999), (12_345, 678)])
def test_a_single_spike_is_seen(spike: tuple[int, int]) -> None:
    """One spike in 20 s of 2,000 neurons colours one pixel, in its place, with the full colour of its layer."""
    data = with_spikes(silent(columns=20, ticks=20_000), spike)
    image = density_image(data, 1600, 600)
    coloured = np.argwhere((image < 1).any(axis=2)).tolist()
    tick, neuron = spike

    assert [[neuron * 600 // 2000, (tick - 1) * 1600 // 20_000]] == coloured
    assert to_rgb(PALETTE[data.neuron_layer[neuron]]) == pytest.approx(tuple(image[tuple(coloured[0])]))


def test_a_single_spike_is_seen_beside_a_volley() -> None:
    """A pixel with one spike stays well away from white where others hold a hundred."""
    volleys = [(tick, neuron) for tick in range(1, 101) for neuron in range(0, 40, 2)]
    data = with_spikes(silent(columns=1, ticks=10_000), *volleys, (9_999, 99))
    image = density_image(data, 100, 100)

    assert (image[0, 0] == image.min(axis=(0, 1))).any()
    assert darkness(image)[99, 99] > 0.05


@pytest.mark.parametrize("layer", range(5))
def test_layers_are_told_apart_by_colour(layer: int) -> None:
    """A spike has the colour of its neuron's layer, in every column."""
    neuron = [0, 10, 20, 30, 40][layer]
    data = with_spikes(silent(columns=2, ticks=10), (3, neuron), (7, 100 + neuron))
    image = density_image(data, 10, 200)

    assert [to_hex(PALETTE[layer])] * 2 == [to_hex(image[neuron, 2]), to_hex(image[100 + neuron, 6])]
    assert 2 == (image < 1).any(axis=2).sum()


def test_colours_are_different() -> None:
    """No two colours of the palette are close to one another or to the white of the paper."""
    colours = [np.array(to_rgb(colour)) for colour in (*PALETTE, "#ffffff")]

    assert min(float(np.abs(a - b).max()) for a, b in combinations(colours, 2)) > 0.2


def test_a_dense_run_does_not_turn_black() -> None:
    """300,000 spikes in volleys leave white between them, and few pixels of full depth."""
    data = make_run(20, 20_000, rate_hz=7.5)
    image = density_image(data, 1665, 600)
    dark = darkness(image)

    assert 300_000 == data.spike_tick.size
    assert (dark > 0.8).mean() < 0.001
    assert 0.4 < (dark == 0).mean() < 0.95
    assert (dark >= dark.max() - 1e-9).mean() < 0.05


def test_no_spike_is_lost_in_the_picture() -> None:
    """Every pixel that holds a spike is coloured, and no other."""
    data = make_run(3, 900)
    image = density_image(data, 300, 100)
    held = {
        (int(n) * 100 // 300, (int(t) - 1) * 300 // 900)
        for t, n in zip(data.spike_tick, data.spike_neuron, strict=True)
    }

    assert held == set(map(tuple, np.argwhere((image < 1).any(axis=2)).tolist()))
