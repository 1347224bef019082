"""Pictures of any run: drawn without a warning, readable, the same bytes from the same data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text
from test_plots import RUNS as COLUMNS
from test_plots import check_texts, make_run

from runen_ecs.files import RunData, Values
from runen_ecs.plots import (
    draw_intervals,
    draw_panels,
    draw_rates,
    draw_rhythm,
    draw_spikes,
    draw_trace,
    draw_traces,
    draw_values,
    draw_weights,
    draw_window,
    pairs_of,
    save_picture,
)
from runen_ecs.plots.raster import dot_size
from runen_ecs.plots.style import SETTINGS
from runen_ecs.plots.window import curve_of
from runen_ecs.scenarios.building import build
from runen_ecs.scenarios.loading import load

DRAW: dict[str, Callable[[RunData], Figure]] = {
    "spikes": draw_spikes,
    "trace": draw_trace,
    "traces": draw_traces,
    "rates": draw_rates,
    "intervals": draw_intervals,
    "rhythm": draw_rhythm,
    "weights": draw_weights,
    "values": draw_values,
    "panels": lambda data: draw_panels([("tonic spiking", data), ("the same", data)]),
}
NEW = ("traces", "rates", "intervals", "rhythm", "weights", "values", "panels")


def recorded(field: str, unit: str, number: list[int], tick: list[int], value: Any) -> Values:
    """Return a recorded field."""
    numbers = np.asarray(value, float).reshape(len(tick), len(number))
    return Values(field, unit, "all", np.array(number, np.int32), np.array(tick, np.int32), numbers)


def make_populations(
    sizes: dict[str, int],
    ticks: int = 2000,
    *,
    rate_hz: float = 10.0,
    dt: float = 1.0,
    traces: tuple[int, ...] = (0,),
    synapses: int = 40,
    snapshots: int = 0,
    column: list[int] | None = None,
    phases: tuple[tuple[str, float, float], ...] = (),
    title: str = "Populations",
) -> RunData:
    """Return a run of populations that fire by chance, with recorded potentials, weights and currents."""
    generator = np.random.default_rng(1)
    n, data = sum(sizes.values()), make_run(ticks=ticks, phases=phases, title=title, n_synapses=synapses, rate_hz=0.0)
    n_spikes = round(rate_hz * n * ticks * dt / 1000)
    data.spike_tick = np.sort(generator.integers(1, max(ticks, 1) + 1, n_spikes if ticks else 0)).astype(np.int32)
    data.spike_neuron = generator.integers(0, n, data.spike_tick.size).astype(np.int32)
    data.neuron_column = np.array([-1] * n if column is None else column, np.int32)
    data.neuron_layer = np.repeat(np.arange(len(sizes), dtype=np.int32), list(sizes.values()))
    data.layer_names = np.array(list(sizes))
    data.trace_neuron = np.array(traces, np.int32)
    data.trace_v = generator.normal(-60, 3, (ticks, len(traces)))
    data.weight_initial = np.where(np.arange(synapses) % 4 == 0, -1.0, 1.0) * generator.uniform(1, 3, synapses)
    steps = generator.normal(0, 0.5, (snapshots, synapses)).cumsum(axis=0)
    data.weight_snapshot = data.weight_initial + steps
    data.weight_tick = (np.arange(1, snapshots + 1) * ticks // (snapshots + 1)).astype(np.int32)
    data.weight = data.weight_initial + (steps[-1] if snapshots else 0.5)
    ends = list(range(1, ticks + 1))
    data.values = [
        recorded("SynapticInput.current", "mV", list(traces), ends, generator.normal(5, 1, (ticks, len(traces)))),
        recorded("Recovery.u", "", list(range(n)), ends[::10], generator.normal(0, 1, (len(ends[::10]), n))),
    ]
    data.meta["dt_ms"] = dt
    return data


def deleted() -> RunData:
    """Return a run in which a population, and a neuron that is watched, were deleted half way."""
    data = make_populations({"relay": 5, "reticular": 5}, traces=(7, 0), snapshots=6)
    data.neuron_layer[5:] = -1
    data.trace_v[1000:, 0] = data.weight_snapshot[3:] = data.weight[:] = np.nan
    data.values[0].value[1000:] = np.nan
    return data


def unitless() -> RunData:
    """Return a run of a model whose potential has no unit, with spikes as part of it."""
    data = make_populations({"bursting": 1}, 8000, dt=0.05)
    data.trace_v = 1.9 * np.sin(np.arange(8000) / 90)[:, None]
    return data


def many_equal_weights() -> RunData:
    """Return a run whose synapses all have the same weight from beginning to end."""
    data = make_populations({"relay": 60}, synapses=300_000)
    data.weight_initial[:] = data.weight[:] = 1.62
    return data


RUNS: dict[str, Callable[[], RunData]] = {
    "two populations": lambda: make_populations({"excitatory": 80, "inhibitory": 20}, 30_000, dt=0.1, snapshots=8),
    "3 neurons, 100 ms": lambda: make_populations({"relay": 1, "reticular": 2}, 100, rate_hz=50, traces=(0, 1, 2)),
    "one neuron": lambda: make_populations({"alone": 1}, synapses=1),
    "silent": lambda: make_populations({"relay": 30, "reticular": 30}, rate_hz=0.0),
    "one tick": lambda: make_populations({"relay": 1, "reticular": 2}, 1, rate_hz=300, traces=(0, 1, 2)),
    "no tick": lambda: make_populations({"relay": 1, "reticular": 2}, 0, traces=(0, 1, 2)),
    "60 populations with long names": lambda: make_populations(
        {f"thalamocortical relay neurons of nucleus {k}": 5 + 3 * (k % 4) for k in range(60)},
        traces=tuple(range(0, 300, 12)),
        snapshots=20,
        phases=(("before the stimulus", 0.0, 0.8), ("after", 1.0, 2.0)),
    ),
    "columns and populations": lambda: make_populations(
        {"cortex.L4": 20, "cortex.L5": 20, "thalamus": 20}, column=[0] * 10 + [1] * 10 + [0] * 10 + [1] * 10 + [-1] * 20
    ),
    "one snapshot": lambda: make_populations({"relay": 60}, snapshots=1),
    "no synapses": lambda: make_populations({"relay": 60}, synapses=0, snapshots=7),
    "many equal weights": many_equal_weights,
    "deleted": deleted,
    "no unit": unitless,
    "a long title": lambda: make_populations({"relay": 9}, title="A title that says all, and some more of it " * 5),
}


@pytest.mark.parametrize("picture", DRAW)
@pytest.mark.parametrize("run", RUNS)
def test_any_run_of_populations_can_be_drawn_and_read(run: str, picture: str) -> None:
    """Every picture of every run is drawn without a warning; no text covers another or leaves the picture."""
    with rc_context(SETTINGS):
        check_texts(DRAW[picture](RUNS[run]()))


@pytest.mark.parametrize("picture", NEW)
@pytest.mark.parametrize("run", COLUMNS)
def test_any_run_of_columns_can_be_drawn_and_read(run: str, picture: str) -> None:
    """What holds for populations holds for columns with layers."""
    with rc_context(SETTINGS):
        check_texts(DRAW[picture](COLUMNS[run]()))


@pytest.mark.parametrize("picture", NEW)
def test_the_same_run_gives_the_same_bytes(picture: str, tmp_path: Path) -> None:
    """A picture depends on the data alone, not on what was drawn before or on the user's own style."""
    first = save_picture(DRAW[picture], RUNS["two populations"](), tmp_path / "first.png").read_bytes()
    save_picture(DRAW[picture], RUNS["3 neurons, 100 ms"](), tmp_path / "other.png")
    with rc_context({"axes.facecolor": "red", "axes.grid": True, "savefig.dpi": 30, "lines.linewidth": 9}):
        second = save_picture(DRAW[picture], RUNS["two populations"](), tmp_path / "second.png").read_bytes()

    assert first == second


def test_a_partial_run_is_marked() -> None:
    """Where a run was stopped early, its pictures say so; where it was not, they do not."""
    for picture in NEW[:-1]:
        for partial in (True, False):
            data = make_populations({"relay": 20})
            data.meta["partial"] = partial
            texts = [text.get_text() for text in DRAW[picture](data).findobj(Text)]

            assert partial == any("(stopped early)" in text for text in texts), picture


@pytest.mark.parametrize(("ticks", "label", "last"), [(100, "time [ms]", "100"), (2000, "time [s]", "2.00")])
@pytest.mark.parametrize("picture", ["spikes", "trace", "traces", "rates", "values", "rhythm"])
def test_milliseconds_below_a_second(picture: str, ticks: int, label: str, last: str) -> None:
    """The time axis of a run of less than a second counts milliseconds, that of a longer one seconds."""
    with rc_context(SETTINGS):
        figure = DRAW[picture](make_populations({"relay": 2}, ticks))
        figure.canvas.draw()
    axes = next(axes for axes in figure.axes if axes.get_xlabel().startswith("time"))

    assert (label, float(last)) == (axes.get_xlabel(), float(axes.get_xticklabels()[-1].get_text()))


@pytest.mark.parametrize("picture", ["spikes", "trace"])
def test_a_phase_below_a_second_is_shown_whole(picture: str) -> None:
    """The closer look at a phase shows nothing but the phase, and says how long it is."""
    data = make_populations({"relay": 50}, 2000, phases=(("before", 0.0, 1.5), ("after", 1.5, 2.0)))
    with rc_context(SETTINGS):
        panels = {axes.get_title(loc="left"): axes.get_xlim() for axes in DRAW[picture](data).axes}

    assert (0.25, 1.25) == panels["one second, before"]
    assert (1.5, 2.0) == panels["500 ms, after"]


@pytest.mark.parametrize(("n_spikes", "dot"), [(0, 4), (100, 4), (9000, 2), (300_000, 1)])
def test_few_spikes_have_large_dots(n_spikes: int, dot: int) -> None:
    """The fewer spikes there are in a raster, the larger each is, up to four pixels."""
    assert dot == dot_size(n_spikes, 1600 * 600)


def test_a_learning_window_shows_what_single_pairs_did() -> None:
    """Points are the changes of synapses whose ends fired once each, and lie on the curve of their rule."""
    simulation = build(load("stdp-window"))
    simulation.run(simulation.scenario.duration)
    data = simulation.data()
    with rc_context(SETTINGS):
        figure = draw_window(data)
        check_texts(figure)
    for axes, (name, (interval, change)) in zip(figure.axes, pairs_of(data).items(), strict=True):
        rule = data.meta["scenario"]["learning"][name]
        points = axes.lines[-1].get_xydata()

        assert 22 == interval.size
        np.testing.assert_array_equal(np.stack([interval, change], axis=1), points)
        np.testing.assert_allclose(change, curve_of(rule, interval), rtol=0, atol=1e-12)


def test_a_neuron_that_fires_twice_is_in_no_window() -> None:
    """With two spikes at one end nobody can tell which pair did what."""
    simulation = build(load("stdp-window", {"populations.source.times": [["100 ms", "200 ms"]]}))
    simulation.run(simulation.scenario.duration)

    assert {} == pairs_of(simulation.data())
