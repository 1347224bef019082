"""Whether a scenario fits into the memory of this machine."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from runen_ecs.components import NEURON
from runen_ecs.network import Selection

from .faults import Fault, ScenarioError
from .schema import Columnar, RecordedValues, Scenario

__all__ = ["check_memory", "expected_size", "expected_synapses"]

BYTES_PER_SYNAPSE = 110  # at the peak of building; measured by `make bench`
BYTES_OF_CAPACITY = 60
BYTES_PER_NEURON = 400
ADVICE = {
    "columns": "lower columns.count, columns.layers or the probabilities",
    "duration": "run for a shorter duration, or record fewer traces",
    "record.values": "record them of fewer, or at a longer interval",
    "record.weights": "record the weights at a longer interval",
}


def expected_synapses(columnar: Columnar) -> float:
    """Return how many synapses the columns of a scenario will have, on average."""
    n, layers = columnar.columns.count, columnar.columns.layers
    pairs = {"same": n, "other": n * (n - 1)}
    return sum(c.probability * layers[c.source] * layers[c.target] * pairs[c.column] for c in columnar.connections)


def expected_size(scenario: Scenario) -> tuple[int, float]:
    """Return how many spiking neurons a scenario will have, and how many synapses on average."""
    shapes, columnar = scenario.shapes, scenario.columnar
    n_synapses = sum(part.expected(shapes) for part in scenario.projections.values())
    n_synapses += expected_synapses(columnar) if columnar is not None else 0.0
    return sum(shape.size for shape in shapes.values()), n_synapses


def check_memory(scenario: Scenario) -> None:
    """Say at once that a scenario is too large for the memory of this machine.

    Raises
    ------
    ScenarioError
    """
    columnar = scenario.columnar
    synapses = {name: part.expected(scenario.shapes) for name, part in scenario.projections.items()}
    n_neurons, n_synapses = expected_size(scenario)
    needs, ring = {}, 8 << _longest_delay(scenario).bit_length()
    for name, population in scenario.populations.items():
        needs[f"populations.{name}"] = float(population.shape.size * (BYTES_PER_NEURON + ring))
    for name, part in scenario.projections.items():
        needs[f"projections.{name}"] = synapses[name] * _bytes_per_synapse(part.capacity is not None)
    if columnar is not None:
        of_synapses = expected_synapses(columnar) * _bytes_per_synapse(columnar.synapses.capacity is not None)
        needs["columns"] = of_synapses + columnar.n_neurons * (BYTES_PER_NEURON + ring)
    needs["duration"] = 2.0 * 8 * scenario.duration * sum(map(partial(_traced, scenario), scenario.record.traces))
    for number, values in enumerate(scenario.record.values):
        n = _recorded(scenario, values, n_synapses)
        needs[f"record.values.{number}"] = 2.0 * 8 * n * (scenario.duration // (values.every or 1))
    if (interval := scenario.record.weights) is not None:
        needs["record.weights"] = 2.0 * 8 * n_synapses * (scenario.duration // interval)
    what = max(needs, key=lambda name: needs[name])
    advice = ADVICE.get(what.rstrip(".0123456789"), "lower the sizes, the probability or the degree")
    needed, available = sum(needs.values()), _available_memory()
    size = f"{n_neurons:,} neurons and about {n_synapses:,.0f} synapses"
    if needed > available:
        problem = f"{size} need about {_size(needed)} of memory, and {_size(available)} are available; {advice}"
    elif 2 * n_synapses + n_neurons > 2**31 - 1:
        problem = f"{size} are more than entity ids of 32 bits can count; {advice}"
    else:
        return
    raise ScenarioError([Fault("scenario", what, problem)])


def _traced(scenario: Scenario, chosen: int | str) -> int:
    """Return how many traces there are of a number or a selection."""
    return Selection.parse(chosen).count(scenario.shapes) if isinstance(chosen, str) else 1


def _recorded(scenario: Scenario, values: RecordedValues, n_synapses: float) -> float:
    """Return of how many at most a field is recorded."""
    if values.found(scenario.components)[0].kind != NEURON:
        return n_synapses
    return float(
        sum(_traced(scenario, chosen) for chosen in ([values.of] if isinstance(values.of, str) else values.of))
    )


def _bytes_per_synapse(capacity: bool) -> int:
    return BYTES_PER_SYNAPSE + (BYTES_OF_CAPACITY if capacity else 0)


def _longest_delay(scenario: Scenario) -> int:
    delays = [part.delay.longest for part in scenario.projections.values() if part.delay is not None]
    return max([1, *delays, *([scenario.synapses.delay.longest] if scenario.synapses is not None else [])])


def _available_memory() -> float:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) * 1024
    except OSError:
        pass
    return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def _size(n_bytes: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:,.1f} TB"
