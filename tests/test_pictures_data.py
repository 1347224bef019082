"""What pictures are drawn from: bins, rates, moments, spreads and scales, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.patches import StepPatch
from test_pictures_runs import make_populations, recorded

from runen_ecs.files import RunData
from runen_ecs.plots import draw_intervals, draw_panels, draw_rhythm, draw_values, draw_weights
from runen_ecs.plots.intervals import interval_bins
from runen_ecs.plots.panels import bar_seconds
from runen_ecs.plots.populations import groups_of
from runen_ecs.plots.rates import bin_ticks, draw_rates, rate_of
from runen_ecs.plots.style import SETTINGS
from runen_ecs.plots.trace import in_millivolts, scale_of
from runen_ecs.plots.values import labels_of, spread_of
from runen_ecs.plots.weights import moments_of, parts_of, unit_of, weight_bins

# --- rates ----------------------------------------------------------------------------------------------------------


def test_rates_by_hand() -> None:
    """A rate is spikes a neuron and second; the last bin is as short as the run leaves it."""
    data = make_populations({"relay": 2}, 25)
    data.spike_tick, data.spike_neuron = np.array([[1, 10, 10, 11, 25], [0, 0, 1, 1, 0]], np.int32)
    relay = groups_of(data)[0]

    assert [150.0, 50.0, 100.0] == pytest.approx(rate_of(relay, 10, data).tolist())


@pytest.mark.parametrize(
    ("ticks", "dt", "rate_hz", "size", "bin_ms"),
    [(20_000, 1.0, 8.0, 1000, 10), (20_000, 0.1, 8.0, 1000, 1), (100, 1.0, 50.0, 3, 5), (5000, 1.0, 1.0, 10, 500)],
)
def test_bins_fit_the_run(ticks: int, dt: float, rate_hz: float, size: int, bin_ms: float) -> None:
    """Bins are as fine as can be seen, and hold four spikes in the mean, but there are twenty of them."""
    data = make_populations({"relay": size}, ticks, dt=dt, rate_hz=rate_hz)

    assert bin_ms == pytest.approx(bin_ticks(data, groups_of(data)) * dt, rel=0.3)


def test_many_populations_are_drawn_as_an_image() -> None:
    """More than twelve populations have a row each of one image, in order, whose values are their rates."""
    data = make_populations({f"p{k}": 3 for k in range(13)}, 1000)
    data.spike_tick, data.spike_neuron = np.array([[500] * 4, [6, 6, 7, 8]], np.int32)
    with rc_context(SETTINGS):
        image = np.asarray(draw_rates(data).axes[0].images[0].get_array())

    assert (13, 2) == (image.shape[0], int(image.max(axis=1).argmax()))
    assert 1 == np.count_nonzero(image)


# --- intervals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", [[], [1], [1, 2, 3, 500], [40] * 5, [2, 100_000]])
def test_every_interval_has_a_bin(interval: list[int]) -> None:
    """Bins ascend by whole ticks, each holds one at least, and together they hold all intervals."""
    found = np.array(interval, np.int64)
    bins = interval_bins(found)

    assert len(interval) == np.histogram(found, bins)[0].sum()
    assert (np.diff(bins) >= 1).all()
    assert (bins % 1 == 0.5).all()


@pytest.mark.parametrize(
    ("interval", "labels"), [([20, 180], ["20", "50", "100"]), ([1, 5000], ["1", "10", "100", "1,000"])]
)
def test_intervals_have_more_than_one_label(interval: list[int], labels: list[str]) -> None:
    """Where an axis of intervals has room for one power of ten alone, 2 and 5 times these are labelled, too."""
    data = make_populations({"relay": 1}, 6000)
    tick = np.cumsum([1, *interval])
    data.spike_tick, data.spike_neuron = tick.astype(np.int32), np.zeros(tick.size, np.int32)
    with rc_context(SETTINGS):
        figure = draw_intervals(data)
        figure.canvas.draw()
    axis, (low, high) = figure.axes[0].xaxis, figure.axes[0].get_xlim()
    shown = [t.label1.get_text() for t in axis.get_major_ticks() if low <= t.get_loc() <= high]

    assert labels == shown


# --- weights --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("snapshots", "ticks"), [([], [0, 90]), ([30, 60], [0, 30, 60, 90]), ([0, 30, 90], [0, 30, 90])]
)
def test_weights_are_known_at_the_beginning_at_snapshots_and_at_the_end(snapshots: list[int], ticks: list[int]) -> None:
    """Each moment is there once, in order: the beginning and the end win over snapshots of the same tick."""
    data = make_populations({"relay": 2}, 90, synapses=2)
    data.weight_initial, data.weight = np.array([1.0, -1.0]), np.array([9.0, -9.0])
    data.weight_tick = np.array(snapshots, np.int32)
    data.weight_snapshot = np.repeat(np.array(snapshots, float)[:, None], 2, axis=1)
    tick, weights = moments_of(data)

    assert ticks == tick.tolist()
    assert [1.0, *(float(t) for t in ticks[1:-1]), 9.0] == weights[:, 0].tolist()


@pytest.mark.parametrize("values", [[[0.0, 0.0]], [[3.0], [3.0]], [[-1.0, 5.0, np.nan]], [[np.nan]], [[1e-12, 2e-12]]])
def test_every_weight_has_a_bin(values: list[list[float]]) -> None:
    """Bins ascend, and hold every weight that is a number, also where all are equal."""
    bins = weight_bins(np.array(values))

    assert np.isfinite(values).sum() == np.histogram(np.array(values)[np.isfinite(values)], bins)[0].sum()
    assert (np.diff(bins) > 0).all()


@pytest.mark.parametrize("sign", [1, -1])
def test_no_bin_of_weights_reaches_beyond_zero(sign: int) -> None:
    """Bins of weights of one sign end at zero at the latest."""
    bins = sign * weight_bins(sign * np.array([[0.0, 0.01, 6.0]]))

    assert 0 == bins.min()
    assert bins.max() >= 6


def learning(**weights: tuple[list[float], list[float]]) -> RunData:
    """Return a run of projections whose weights were and are these."""
    data = make_populations({"relay": 2}, 90, synapses=sum(len(before) for before, _ in weights.values()))
    data.projection_names = np.array(list(weights))
    data.synapse_projection = np.repeat(np.arange(len(weights)), [len(x) for x, _ in weights.values()]).astype(np.int32)
    data.weight_initial, data.weight = (np.concatenate([pair[k] for pair in weights.values()]) for k in (0, 1))
    return data


def test_a_projection_that_learns_has_its_own_bins() -> None:
    """A projection whose weights change has a panel of its own; what has none is named, with the reason."""
    data = learning(up=([1.0, 2.0, -1.0], [1.5, 2.0, -2.0]), strong=([200.0], [200.0]), down=([-1.0], [-1.0]))
    with rc_context(SETTINGS):
        figure = draw_weights(data)

    assert ["up, excitatory: 2 synapses", "up, inhibitory: 1 synapse"] == [a.get_title(loc="left") for a in figure.axes]
    assert max(axes.get_xlim()[1] for axes in figure.axes) < 3
    assert "not shown: strong (1 synapse), down (1 synapse), which do not change" in [
        t.get_text() for t in figure.texts
    ]


def test_where_nothing_learns_all_are_shown() -> None:
    """Without a change each projection has a panel; of more than six the rest are named."""
    data = learning(**{f"p{k}": ([1.0 + k], [1.0 + k]) for k in range(8)})
    with rc_context(SETTINGS):
        figure = draw_weights(data)

    assert [f"p{k}: 1 synapse" for k in range(6)] == [axes.get_title(loc="left") for axes in figure.axes]
    assert any(t.get_text().startswith("not shown: p6 (1 synapse), p7 (1 synapse)") for t in figure.texts)


def test_a_weight_that_was_not_there_does_not_change() -> None:
    """A synapse that was created on the way has no weight at the beginning that it could differ from."""
    data = learning(up=([1.0], [2.0]), late=([np.nan], [3.0]))

    assert [True, False] == [part.changes for part in parts_of(data, moments_of(data)[1])]


@pytest.mark.parametrize(
    ("to", "unit"),
    [("a", " [mV]"), (["a neuron=0", "b"], ""), ("b", ""), ("all", ""), ("neuron=0", ""), (None, "")],
)
def test_conductances_have_no_unit(to: str | list[str] | None, unit: str) -> None:
    """Weights are in mV unless a target takes them as conductances."""
    data = learning(up=([1.0], [2.0]))
    models = {"a": "leaky-integrate-and-fire", "b": "conductance-integrate-and-fire"}
    data.meta["scenario"] = {
        "populations": {name: {"model": model} for name, model in models.items()},
        "projections": {"up": {"to": to}} if to else {},
    }

    assert unit == unit_of(data, "up")


def test_excitatory_and_inhibitory_weights_are_told_apart() -> None:
    """A synapse stays on the side on which it began, whatever became of its weight."""
    data = make_populations({"relay": 2}, 90, synapses=5)
    data.weight_initial = np.array([1.0, 2.0, -1.0, 0.0, 0.0])
    data.weight = np.array([-5.0, 2.0, 5.0, 1.0, -1.0])
    with rc_context(SETTINGS):
        titles = [axes.get_title(loc="left") for axes in draw_weights(data).axes]

    assert ["excitatory: 3 synapses", "inhibitory: 2 synapses"] == titles


@pytest.mark.parametrize(("snapshots", "lines"), [(0, 2), (1, 3), (3, 5), (4, 0), (20, 0)])
def test_few_moments_are_lines_and_many_an_image(snapshots: int, lines: int) -> None:
    """Up to five moments have a line each; more are drawn as an image over time."""
    data = make_populations({"relay": 9}, 1000, synapses=3, snapshots=snapshots)
    data.weight_initial = np.abs(data.weight_initial)
    with rc_context(SETTINGS):
        figure = draw_weights(data)

    assert (lines or 2) == sum(isinstance(patch, StepPatch) for axes in figure.axes for patch in axes.patches)
    assert bool(lines) != any(axes.get_xlabel() == "time [s]" for axes in figure.axes)


# --- values, rhythm -------------------------------------------------------------------------------------------------


def test_the_spread_of_values_by_hand() -> None:
    """First decile, median and last decile are of those that are there; none are of nobody."""
    known = np.array([np.arange(11.0), [*np.arange(5.0), *[np.nan] * 6], [np.nan] * 11])

    np.testing.assert_allclose([[1, 0.4, np.nan], [5, 2, np.nan], [9, 3.6, np.nan]], spread_of(known))


@pytest.mark.parametrize(("n", "lines"), [(1, 1), (6, 6), (7, 1)])
def test_a_line_for_each_of_few_and_one_for_many(n: int, lines: int) -> None:
    """A field of up to six entities has a line each; one of more has their median."""
    data = make_populations({"relay": 20}, 100)
    data.values = [recorded("Recovery.u", "mV", list(range(n)), [10, 20], np.arange(2 * n))]
    with rc_context(SETTINGS):
        axes = draw_values(data).axes[0]

    assert lines == len(axes.lines)
    assert ("Recovery.u of all", "mV") == (axes.get_title(loc="left"), axes.get_ylabel())


def test_lines_are_named_for_neurons_or_synapses() -> None:
    """A field of neurons names populations, one of projections names these, each with a number of its own."""
    data = make_populations({"relay": 2, "reticular": 3}, 100, synapses=5)
    data.projection_names, data.synapse_projection = np.array(["up", "down"]), np.array([0, 0, 1, 1, 1], np.int32)
    neurons, synapses = (
        recorded("Recovery.u", "", [0, 3], [1], [0, 0]),
        recorded("Weight.value", "", [1, 4], [1], [0, 0]),
    )
    synapses.of = "up, down"

    assert ["relay[0]", "reticular[1]"] == labels_of(data, neurons)
    assert ["up[1]", "down[2]"] == labels_of(data, synapses)


@pytest.mark.parametrize(("hz", "top"), [(10, 40.0), (60, 100.0), (150, 250.0)])
def test_a_fast_rhythm_is_shown(hz: int, top: float) -> None:
    """The frequencies shown reach well above the strongest rhythm."""
    data = make_populations({"relay": 40}, 4000)
    tick = np.flatnonzero(np.diff(np.arange(4001) * hz // 1000)) + 1
    data.spike_tick, data.spike_neuron = np.repeat(tick, 40).astype(np.int32), np.tile(np.arange(40), tick.size)
    with rc_context(SETTINGS):
        axes = draw_rhythm(data).axes[0]

    assert top == axes.get_ylim()[1]


# --- panels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("length", "bar"), [(0.1, 0.02), (0.2, 0.05), (1.0, 0.2), (0.001, 0.0002), (2.0, 0.5)])
def test_a_bar_of_time_is_round(length: float, bar: float) -> None:
    """The bar is 1, 2 or 5 of a decade, a tenth to nearly a third of the panel."""
    assert bar == pytest.approx(bar_seconds(length))


def test_panels_show_potential_spikes_and_current() -> None:
    """A spike reaches its full height in the tick in which it was fired; the current holds for its tick."""
    data = make_populations({"relay": 2}, 4, traces=(1,))
    data.trace_v = np.array([[-65.0], [-60.0], [-70.0], [-65.0]])
    data.spike_tick, data.spike_neuron = np.array([[3, 4], [1, 0]], np.int32)
    data.values = [recorded("SynapticInput.current", "mV", [0, 1], [1, 2, 3, 4], [[9, 0], [9, 0], [9, 5], [9, 5]])]
    with rc_context(SETTINGS):
        axes = draw_panels([("one spike", data)]).axes[0]
    potential, bar = axes.lines
    steps = next(patch for patch in axes.patches if isinstance(patch, StepPatch)).get_data()

    np.testing.assert_allclose([[0.001, -65], [0.002, -60], [0.003, 30], [0.004, -65]], potential.get_xydata())
    np.testing.assert_allclose([0, 0.001, 0.002, 0.003, 0.004], steps.edges)
    assert [True, True, False, False] == (steps.values == steps.values.min()).tolist()
    assert steps.values.max() < -70
    assert 0.001 == pytest.approx(float(np.ptp(bar.get_xdata())))


def test_panels_have_one_scale_of_potentials() -> None:
    """Panels of different length stand four in a row, and have one scale of potentials."""
    runs = [(f"run {k}", make_populations({"relay": 1}, 100 * (k + 1))) for k in range(5)]
    with rc_context(SETTINGS):
        panels = draw_panels(runs).axes

    assert 1 == len({axes.get_ylim() for axes in panels})
    assert [0.1, 0.2, 0.3, 0.4, 0.5] == pytest.approx([axes.get_xlim()[1] for axes in panels])
    assert panels[0].get_position().x0 == panels[4].get_position().x0
    assert panels[0].get_position().y0 > panels[4].get_position().y0


@pytest.mark.parametrize("model", ["leaky-integrate-and-fire", "conductance-integrate-and-fire"])
@pytest.mark.parametrize(("low", "high"), [(-60.0, -50.0), (10.0, 20.0), (5.0, 5.0)])
def test_a_potential_without_spikes_of_its_own_fills_its_axis(model: str, low: float, high: float) -> None:
    """Neurons that are reset at a threshold have an axis that fits, with their spikes above all else."""
    scale = scale_of(np.array([low, high, np.nan]), model)

    assert ("mV", False) == (scale.unit, scale.cut_off)
    assert scale.low < low <= high < scale.peak < scale.high
    assert scale.high - scale.low < 2 * max(high - low, 1.0)


@pytest.mark.parametrize(
    ("model", "v", "peak"),
    [("izhikevich", [-65.0, 20.0], 30.0), ("", [-65.0, 20.0], 30.0), ("hindmarsh-rose", [-1.6, 1.9], None)],
)
def test_models_with_spikes_of_their_own(model: str, v: list[float], peak: float | None) -> None:
    """Spikes are drawn up to where a model cuts them off, or are part of the potential."""
    assert (peak, True) == (scale_of(np.array(v), model).peak, scale_of(np.array(v), model).cut_off)


@pytest.mark.parametrize(
    ("v", "millivolts"), [([-65.0, np.nan, 20.0], True), ([-1.6, 1.9], False), ([], True), ([np.inf], True)]
)
def test_millivolts_are_told_from_pure_numbers(v: list[float], millivolts: bool) -> None:
    """A potential that falls below −20 is in mV; nothing known is taken for it."""
    assert millivolts == in_millivolts(np.array(v))
