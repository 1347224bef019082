"""Which pictures a run gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from runen_ecs.errors import choices
from runen_ecs.files import RunData

from .building import build
from .faults import UsageError
from .loading import load
from .schema import PictureName, Scenario
from .summary import signals_recorded

__all__ = ["PICTURES", "draw_beside", "draw_pictures", "fitting", "load_beside"]

FEW_NEURONS = 10


@dataclass(frozen=True)
class Picture:
    """A picture: its file, the function of `runen_ecs.plots` that draws it, and what it cannot be drawn without.

    Attributes
    ----------
    file : str
    function : str
    is_there : callable
        Whether the data of a run hold what it needs.
    without : str
        What is wrong where they do not, and what to do.
    """

    file: str
    function: str
    is_there: Callable[[RunData], bool]
    without: str


def _has_neurons(data: RunData) -> bool:
    return bool(data.layer_names.size)


def _has_traces(data: RunData) -> bool:
    return bool(data.trace_neuron.size)


def _has_synapses(data: RunData) -> bool:
    return bool(data.weight.size)


def _has_pairs(data: RunData) -> bool:
    from runen_ecs import plots

    return bool(plots.pairs_of(data))


def _has_values(data: RunData) -> bool:
    return bool(data.values)


def _has_network(data: RunData) -> bool:
    return "network" in data.meta


def _can_be_animated(data: RunData) -> bool:
    from runen_ecs import plots

    return signals_recorded(data) and plots.can_be_animated(data)


NO_NEURONS = "the run has no spiking neurons"
NO_TRACES = "no potential was recorded; name neurons in record.traces, and run it again"
NO_NETWORK = "the run has no capacity network"
NO_SIGNALS = "no signals of a capacity network were recorded; set record.signals = true, and run it again"
NO_PAIRS = "needs a synapse that learns, of [projections.NAME], whose two neurons have fired exactly once each"
NO_VALUES = "no fields were recorded; name some under record, and run it again"
NO_ANIMATION = "needs a capacity network of at most 40 neurons, and its signals: record.signals = true"

TABLE = {
    "spikes": Picture("spikes.png", "draw_spikes", _has_neurons, NO_NEURONS),
    "trace": Picture("neuron-trace.png", "draw_trace", _has_traces, NO_TRACES),
    "traces": Picture("traces.png", "draw_traces", _has_traces, NO_TRACES),
    "rates": Picture("rates.png", "draw_rates", _has_neurons, NO_NEURONS),
    "intervals": Picture("intervals.png", "draw_intervals", _has_neurons, NO_NEURONS),
    "rhythm": Picture("rhythm.png", "draw_rhythm", _has_neurons, NO_NEURONS),
    "weights": Picture("weights.png", "draw_weights", _has_synapses, "the run has no synapses with a weight"),
    "window": Picture("stdp-window.png", "draw_window", _has_pairs, NO_PAIRS),
    "values": Picture("values.png", "draw_values", _has_values, NO_VALUES),
    "network": Picture("network.png", "draw_network", _has_network, NO_NETWORK),
    "signals": Picture("signals.png", "draw_signals", signals_recorded, NO_SIGNALS),
    "animation": Picture("network.gif", "draw_animation", _can_be_animated, NO_ANIMATION),
    "passes": Picture("passes.png", "draw_passes", signals_recorded, NO_SIGNALS),
}
PICTURES = get_args(PictureName)


def fitting(data: RunData) -> list[str]:
    """Return the names of the pictures that a run gets when none are chosen."""
    several = data.trace_neuron.size > 1 and data.neuron_column.size < FEW_NEURONS
    names = ["spikes", "traces" if several else "trace", "network", "signals", "animation"]
    return [name for name in names if TABLE[name].is_there(data)]


def draw_pictures(data: RunData, out: Path, what: Sequence[str] | None = None) -> list[Path]:
    """Draw pictures of a run into a folder; return their paths.

    Parameters
    ----------
    data : RunData
    out : Path
    what : sequence of str, optional
        Names of `PICTURES`; those that the scenario of the run names, or all that fit, when left out.

    Raises
    ------
    UsageError
        For an unknown name, or a picture of what the run has not left; nothing is drawn then.
    """
    from runen_ecs import plots

    place = "pictures" if what is None else "--what"
    chosen = data.meta["scenario"].get("pictures") if what is None else what
    names = list(dict.fromkeys(fitting(data) if chosen is None else chosen))
    for name in names:
        if name not in TABLE:
            raise UsageError(f"{place}: no picture is called {name!r}; {choices(str(name), PICTURES)}")
        if not TABLE[name].is_there(data):
            raise UsageError(f"{place}: {name}: {TABLE[name].without}")
    drawn = []
    for name in names:
        path, draw = out / TABLE[name].file, getattr(plots, TABLE[name].function)
        drawn.append(draw(data, path) if name == "animation" else plots.save_picture(draw, data, path))
    return drawn


def load_beside(scenario: Scenario) -> Scenario | None:
    """Return the scenario that another one is to be compared with, with the same seed.

    Raises
    ------
    UsageError
        If it cannot be.
    """
    if scenario.compare_with is None:
        return None
    other = load(scenario.compare_with, {"seed": scenario.seed})
    if other.columnar is None:
        raise UsageError(f"compare_with: {scenario.compare_with} has no columns, whose rhythm could be drawn")
    return other


def draw_beside(data: RunData, scenario: Scenario, out: Path) -> Path:
    """Run another scenario as long as a run was, and draw the rhythms of both."""
    from runen_ecs import plots

    other = build(scenario)
    other.run(round(data.n_ticks * data.meta["dt_ms"] / scenario.dt))
    return plots.save_picture(lambda run: plots.draw_comparison(run, other.data()), data, out / "comparison.png")
