"""Which pictures a run gets."""

from __future__ import annotations

from pathlib import Path

from runen_ecs.files import RunData

from ..building import build
from ..faults import UsageError
from ..loading import load
from ..schema import Scenario
from ..summary import signals_recorded

__all__ = ["draw_beside", "draw_pictures", "load_beside"]


def draw_pictures(data: RunData, out: Path) -> list[Path]:
    """Draw the pictures that the scenario of a run names, or all that fit, into a folder; return their paths."""
    from runen_ecs import plots

    files = {
        "spikes": ("spikes.png", plots.draw_spikes),
        "trace": ("neuron-trace.png", plots.draw_trace),
        "network": ("network.png", plots.draw_network),
        "signals": ("signals.png", plots.draw_signals),
        "passes": ("passes.png", plots.draw_passes),
    }
    fitting = []
    if data.layer_names.size:
        fitting.append("spikes")
    if data.trace_neuron.size:
        fitting.append("trace")
    if "network" in data.meta:
        fitting.append("network")
        if signals_recorded(data):
            fitting += ["signals", *(["animation"] if plots.can_be_animated(data) else [])]
    drawn = []
    chosen = data.meta["scenario"].get("pictures")
    for name in dict.fromkeys(fitting if chosen is None else chosen):
        if name == "animation":
            drawn.append(plots.draw_animation(data, out / "network.gif"))
        else:
            file, draw = files[name]
            drawn.append(plots.save_picture(draw, data, out / file))
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
