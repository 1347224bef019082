"""Pictures of capacity networks: they show what was recorded, can be read without colours, and never overlap."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import capacity_runs as runs
import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from test_plots import check_texts

from runen_ecs.errors import FileError, NetworkError
from runen_ecs.files import RunData
from runen_ecs.plots import draw_animation, draw_network, draw_signals, save_picture
from runen_ecs.plots.animation import FRAMES_PER_TICK, MOST_ANIMATED_TICKS, Stage, flights_of
from runen_ecs.plots.graph import graph_of, number, printable
from runen_ecs.plots.layers import layers_of
from runen_ecs.plots.layout import lay_out, spaced
from runen_ecs.plots.network import scene_of
from runen_ecs.plots.network_summary import link_density
from runen_ecs.plots.replay import accumulator_steps, level_steps
from runen_ecs.plots.signals import marker_area, rows_of
from runen_ecs.plots.signals_raster import signal_density
from runen_ecs.plots.style import SETTINGS

DRAW: dict[str, Callable[[RunData], Figure]] = {"network.png": draw_network, "signals.png": draw_signals}
BITS = [0, 1, 1, 0, 1]


def run_decoder() -> RunData:
    return runs.simulate(runs.decoder(), [(0, bit) for bit in BITS])


def run_ring(most: int = 60) -> RunData:
    return runs.simulate(runs.ring(), [(0, 3), (0, 4), (0, 2)], most)


def run_tangle(n: int, seed: int) -> RunData:
    described = runs.tangle(n, seed)
    generator = np.random.default_rng(seed)
    stimuli = [(int(generator.integers(0, 3)), int(generator.integers(0, 12))) for _ in range(20)]
    return runs.simulate(described, stimuli, 40)


RUNS: dict[str, Callable[[], RunData]] = {
    "decoder": run_decoder,
    "XOR": lambda: runs.simulate(runs.xor(), [(p, b) for b in BITS for p in (0, 1)]),
    "ring": run_ring,
    "tangle of 12": lambda: run_tangle(12, 1),
    "tangle of 20": lambda: run_tangle(20, 2),
    "tangle of 30": lambda: run_tangle(30, 3),
    "one neuron": lambda: runs.simulate(
        runs.network([runs.neuron("n", 1, (5, 1, 1))], [runs.link(0, "n"), runs.link("n", 0)]), [(0, 3)] * 4
    ),
    "neurons without links": lambda: runs.simulate(runs.network([runs.neuron("n", 1), runs.neuron("m", 0)], []), []),
    "nothing": lambda: runs.simulate(runs.network([], []), []),
    "odd names and sizes": lambda: runs.simulate(runs.odd(), [(0, 0.125), (1, 1e6), (12345, 2), (0, 2), (1, 0.25)]),
    "chain of 40": lambda: runs.simulate(runs.layered(1, 40, 1), [(0, 9)] * 3),
    "100 neurons": lambda: runs.simulate(runs.layered(10, 10, 4), [(p % 10, 5) for p in range(60)], 200),
    "1,000 neurons": lambda: runs.simulate(runs.layered(100, 10, 10), [(p, 5) for p in range(60)], 100),
    "a long run": lambda: runs.simulate(runs.decoder(), [(0, k % 2) for k in range(2000)], 4000),
}


@pytest.mark.parametrize("picture", DRAW)
@pytest.mark.parametrize("run", RUNS)
def test_no_text_covers_another_or_leaves_the_picture(run: str, picture: str) -> None:
    """Every name and number of every network can be read."""
    with rc_context(SETTINGS):
        figure = DRAW[picture](RUNS[run]())
        check_texts(figure)


@pytest.mark.parametrize("picture", DRAW)
def test_the_same_run_gives_the_same_bytes(picture: str, tmp_path: Path) -> None:
    """A picture depends on the data alone: not on what was drawn before, nor on the user's own style."""
    first = save_picture(DRAW[picture], run_ring(), tmp_path / "first.png").read_bytes()
    save_picture(DRAW[picture], run_decoder(), tmp_path / "other.png")
    with rc_context({"axes.facecolor": "red", "lines.linewidth": 5, "savefig.dpi": 30, "font.size": 20}):
        second = save_picture(DRAW[picture], run_ring(), tmp_path / "second.png").read_bytes()

    assert first == second


@pytest.mark.parametrize("draw", [draw_network, draw_signals, lambda data: draw_animation(data, Path("never.gif"))])
def test_a_run_without_a_capacity_network_is_refused(draw: Any) -> None:
    """A run of spiking neurons alone has no such picture, and the error says so."""
    with pytest.raises(NetworkError, match="no capacity network"):
        draw(runs.empty_run(None, 5, {}))


# --- the network ----------------------------------------------------------------------------------------------------


def test_excitatory_and_inhibitory_links_differ_without_colour() -> None:
    """Heads and lines tell what a link does: in print, and to those who see no colours."""
    with rc_context(SETTINGS):
        axes = draw_network(run_decoder()).axes[0]
    heads = {line.get_marker(): np.size(line.get_xdata()) for line in axes.lines}
    dashed = [
        len(lines.get_segments())
        for lines in axes.collections
        if isinstance(lines, LineCollection) and lines.get_linestyle()[0][1] is not None
    ]

    assert {">": 3, "o": 2, "s": 0} == heads
    assert 2 in dashed


def test_every_size_of_the_network_is_written() -> None:
    """Biases, maxima, regenerations and weights can be read, input by input."""
    with rc_context(SETTINGS):
        texts = [text.get_text() for text in draw_network(run_ring()).findobj(Text)]

    assert {"bias 1", "bias 0", "bias −1", "4 +1", "5 +1", "9 +1", "×2", "×−1", "in 0", "out 0"} <= set(texts)


def test_an_input_that_nothing_feeds_is_marked() -> None:
    """A cross stands where no link arrives, and in the legend; not where all are fed."""
    for data, crosses in ((run_ring(), 2), (run_decoder(), 0)):
        with rc_context(SETTINGS):
            figure = draw_network(data)

        assert crosses == sum(getattr(line, "get_marker", str)() == "x" for line in figure.findobj())


def test_signals_go_from_left_to_right() -> None:
    """Input ports stand first, output ports last, and every neuron behind those that feed it."""
    graph = graph_of(run_decoder())

    assert [[("in", 0)], [("neuron", 0)], [("neuron", 1), ("neuron", 2)], [("out", 0), ("out", 1)]] == layers_of(graph)


def test_a_circle_is_opened_where_signals_come_in() -> None:
    """In a ring the neuron that a port feeds stands to the left."""
    layers = layers_of(graph_of(run_ring()))

    assert [[("in", 0)], [("neuron", 0)], [("neuron", 1)], [("neuron", 2)], [("out", 0)]] == layers


@pytest.mark.parametrize("seed", range(8))
def test_no_link_runs_behind_a_card(seed: int) -> None:
    """Cards do not overlap, and links pass between them, however many circles there are."""
    scene = scene_of(graph_of(run_tangle(18, seed)))
    assert scene is not None
    boxes, place = scene.cards.boxes, scene.layout.place
    cards = {node: (x, y, boxes[node].width / 2 - 0.01, boxes[node].height / 2) for node, (x, y) in place.items()}

    assert [] == [
        (a, b)
        for (a, (x, y, w, h)), (b, (u, v, p, q)) in combinations(cards.items(), 2)
        if abs(x - u) < w + p and abs(y - v) < h + q
    ]
    points = np.vstack(scene.layout.paths)
    for x, y, w, h in cards.values():
        assert not ((abs(points[:, 0] - x) < w) & (abs(points[:, 1] - y) < h)).any()


def test_links_end_where_they_belong() -> None:
    """A link begins at the right of its source, and ends at the left of its target, at the height of its input."""
    scene = scene_of(graph_of(run_ring()))
    assert scene is not None
    for link, path in zip(scene.graph.links, lay_out(scene.graph, scene.cards.boxes).paths, strict=True):
        (x, y), (u, v) = scene.layout.place[link.source], scene.layout.place[link.target]
        source, target = scene.cards.boxes[link.source], scene.cards.boxes[link.target]
        slot = 0 if link.synapse is None else link.synapse - scene.graph.first_synapse[link.target[1]]

        assert (x + source.width / 2, y + source.exit) == pytest.approx(tuple(path[0]))
        assert (u - target.width / 2, v + target.slots[slot]) == pytest.approx(tuple(path[-1]))
        assert max(np.hypot(*np.diff(path, axis=0).T)) < 3


def test_places_are_as_wished_as_far_as_there_is_room() -> None:
    """Who wishes for one place is spread evenly around it; who stands alone stays."""
    assert [-1, 0, 1, 5] == spaced(np.array([0.0, 0, 0, 5]), np.array([0.0, 1, 1, 1])).tolist()


def test_a_large_network_is_counted_cell_by_cell() -> None:
    """No link is lost in the map of a network that is too large for lines."""
    ends = np.random.default_rng(1).integers(0, 1000, (5000, 2))
    small = link_density(np.array([[0, 2], [0, 2], [1, 0]]), 3)

    assert 5000 == link_density(ends, 1000).sum()
    assert [[0, 1, 0], [0, 0, 0], [2, 0, 0]] == small.tolist()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (-2, "−2"),
        (-0.0, "0"),
        (0.125, "0.125"),
        (1e6, "1e6"),
        (1 / 3, "0.3333"),
        (1e-7, "1e−7"),
        (99999, "99999"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    """A number takes at most four digits, or is whole."""
    assert text == number(value)


def test_names_are_one_line_of_letters_that_can_be_drawn() -> None:
    """A line break, or a letter that the font lacks, is shown as a sign for such."""
    assert ["a�b", "Нейрон", "��", "(no name)"] == [printable(name) for name in ("a\nb", "Нейрон", "漢字", "")]


# --- the replay -----------------------------------------------------------------------------------------------------


def test_levels_and_accumulators_hold_until_the_next_hit() -> None:
    """Before the first hit the initial value holds; of several hits in a tick the last record counts."""
    data = run_ring()
    data.hit_tick = np.array([2, 2, 5], np.int32)
    data.hit_synapse = np.array([0, 0, 1], np.int32)
    data.hit_level, data.hit_accumulator = np.array([3.0, 1, 2]), np.array([7.0, 8, 9])
    level, accumulator = level_steps(data), accumulator_steps(data, graph_of(data).neuron_of)

    assert [4, 4, 1, 1, 1, 1, 1] == level[0].at(np.arange(7)).tolist()
    assert [3, 3, 3, 3, 3, 2, 2] == level[1].at(np.arange(7)).tolist()
    assert [1, 1, 8, 8, 8, 9, 9] == accumulator[0].at(np.arange(7)).tolist()
    assert [1] * 7 == accumulator[1].at(np.arange(7)).tolist()


@pytest.mark.parametrize("seed", range(3))
def test_the_replay_is_what_a_loop_finds(seed: int) -> None:
    """At every tick the last record of a synapse is its level, and that of a neuron's synapses its accumulator."""
    data = run_tangle(10, seed)
    neuron_of = graph_of(data).neuron_of
    level, accumulator = data.initial_level.copy(), data.initial_accumulator.copy()
    levels, accumulators = level_steps(data), accumulator_steps(data, neuron_of)
    for tick in range(data.n_ticks + 1):
        for hit in np.flatnonzero(data.hit_tick == tick):
            level[data.hit_synapse[hit]] = data.hit_level[hit]
            accumulator[neuron_of[data.hit_synapse[hit]]] = data.hit_accumulator[hit]

        assert level.tolist() == [float(steps.at(tick)) for steps in levels]
        assert accumulator.tolist() == [float(steps.at(tick)) for steps in accumulators]


# --- the signals ----------------------------------------------------------------------------------------------------


def test_the_signals_of_the_decoder() -> None:
    """Rows are ports, neurons, ports; each holds what was given, sent, or came out, and when."""
    data = run_decoder()
    rows = {
        row.name: list(zip(row.tick.tolist(), row.size.tolist(), strict=True)) for row in rows_of(data, graph_of(data))
    }

    assert ["in 0", "n0", "n1", "n2", "out 0", "out 1"] == list(rows)
    assert [(1, 0), (3, 1), (5, 1), (7, 0), (9, 1)] == rows["in 0"]
    assert [(1, 1), (3, 2), (5, 2), (7, 1), (9, 2)] == rows["n0"]
    assert [(2, 1), (8, 1)] == rows["n1"] == rows["out 0"]
    assert [(4, 1), (6, 1), (10, 1)] == rows["n2"] == rows["out 1"]


def test_every_signal_is_drawn_with_its_number() -> None:
    """There are as many marks as signals, at their ticks, and each has its number where there is room."""
    data = run_decoder()
    with rc_context(SETTINGS):
        axes = draw_signals(data).axes[0]
    marks = [
        np.asarray(marks.get_offsets())[:, 0].tolist()
        for marks in axes.collections
        if isinstance(marks, PathCollection)
    ]
    numbers = sorted(text.get_text() for text in axes.texts if text.get_ha() == "center")

    assert [[1, 3, 5, 7, 9], [1, 3, 5, 7, 9], [2, 8], [4, 6, 10], [2, 8], [4, 6, 10]] == marks
    assert sorted("01101" + "12212" + "11" * 2 + "111" * 2) == numbers


def test_larger_signals_have_larger_marks() -> None:
    """Areas rise with size over many magnitudes, and never leave their limits."""
    sizes = np.array([0, 0.125, 1, 100, 1e6])
    area = marker_area(sizes, sizes)

    assert all(a < b for a, b in pairwise(area.tolist()))
    assert (12, 150) == (area[0], pytest.approx(area[-1]))


def test_a_raster_sums_what_falls_together() -> None:
    """A cell holds the sum of the sizes in it; one in which nothing was sent holds none."""
    density = signal_density(np.array([1, 1, 4]), np.array([0, 0, 1]), np.array([2.0, 3.0, 0.5]), 2, 4)

    assert [[5, -1, -1, -1], [-1, -1, -1, 0.5]] == np.nan_to_num(density, nan=-1).tolist()


# --- the animation --------------------------------------------------------------------------------------------------


def frames_of(path: Path) -> tuple[int, tuple[int, int]]:
    with Image.open(path) as picture:
        length = 0
        for frame in range(getattr(picture, "n_frames", 1)):
            picture.seek(frame)
            length += picture.info.get("duration", 0)
        return length, picture.size


def test_signals_fly_from_tick_to_tick() -> None:
    """What arrives in a tick left in the one before; what leaves the network leaves with the neuron's signal."""
    data = run_decoder()
    scene = scene_of(graph_of(data))
    assert scene is not None
    flights = flights_of(data, scene, data.n_ticks)

    assert [[0], [1, 2, 3, 4], [0, 5], [1, 2, 3, 4], [0, 6]] == [[f.link for f in tick] for tick in flights[:5]]
    assert [[0], [1] * 4, [1, 1], [2] * 4, [1, 1]] == [[f.size for f in tick] for tick in flights[:5]]


@pytest.mark.parametrize("run", ["decoder", "ring", "tangle of 20", "odd names and sizes"])
def test_no_text_of_an_animation_covers_another(run: str) -> None:
    """Numbers that come and go have places of their own, in every tick."""
    data = RUNS[run]()
    scene = scene_of(graph_of(data))
    assert scene is not None
    with rc_context(SETTINGS):
        stage = Stage(data, scene)
        for tick in range(0, data.n_ticks, 3):
            stage.show(tick)
            texts = [(t.get_text(), t.get_window_extent()) for t in stage.figure.findobj(Text) if t.get_text()]
            left, low, right, high = stage.figure.bbox.extents

            assert [] == [
                (a, b)
                for (a, box), (b, other) in combinations(texts, 2)
                if min(box.x1, other.x1) - max(box.x0, other.x0) > 1
                and min(box.y1, other.y1) - max(box.y0, other.y0) > 1
            ]
            assert all(b.x0 >= left and b.y0 >= low and b.x1 <= right and b.y1 <= high for _, b in texts)


def test_an_animation_is_small_and_the_same_each_time(tmp_path: Path) -> None:
    """The same run gives the same bytes, whatever style the user has set; nothing else is left in the folder."""
    first = draw_animation(run_ring(5), tmp_path / "first.gif")
    with rc_context({"axes.facecolor": "red", "font.size": 20}):
        second = draw_animation(run_ring(5), tmp_path / "second.gif")

    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < 200_000
    assert {first, second} == set(tmp_path.iterdir())


def test_an_animation_moves(tmp_path: Path) -> None:
    """Every tick lasts as long as every other, and frames differ while signals travel."""
    path = draw_animation(run_ring(5), tmp_path / "network.gif")
    with Image.open(path) as picture:
        pixels = []
        for frame in range(2 * FRAMES_PER_TICK):
            picture.seek(frame)
            pixels.append(np.asarray(picture.convert("RGB")))

    assert all((a != b).any() for a, b in pairwise(pixels))
    assert 6 * FRAMES_PER_TICK * 90 == frames_of(path)[0]


def test_a_long_run_is_cut_and_says_so(tmp_path: Path) -> None:
    """Of a run of 1,000 ticks the first 60 are shown."""
    data = runs.simulate(runs.network([runs.neuron("n", 1)], [runs.link(0, "n")]), [(0, 1)] * 70, 70)
    length, _ = frames_of(draw_animation(data, tmp_path / "network.gif"))

    assert (MOST_ANIMATED_TICKS + 1) * FRAMES_PER_TICK * 90 == length


@pytest.mark.parametrize("run", ["nothing", "neurons without links", "odd names and sizes"])
def test_any_small_network_can_be_animated(run: str, tmp_path: Path) -> None:
    """There is an animation even of a network in which nothing moves."""
    assert frames_of(draw_animation(RUNS[run](), tmp_path / "network.gif"))[1][0] > 500


def test_a_large_network_is_not_animated(tmp_path: Path) -> None:
    """More neurons than there is room for cards give an error, and no file."""
    with pytest.raises(NetworkError, match="too large to animate: at most 40"):
        draw_animation(RUNS["100 neurons"](), tmp_path / "network.gif")

    assert [] == list(tmp_path.iterdir())


def test_an_animation_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder that is not there gets an error with its path."""
    with pytest.raises(FileError, match=r"nowhere/network\.gif: cannot be written"):
        draw_animation(RUNS["nothing"](), tmp_path / "nowhere" / "network.gif")
