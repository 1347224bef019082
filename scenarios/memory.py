"""Whether a scenario fits into the memory of this machine."""

from __future__ import annotations

import os
from pathlib import Path

from .faults import Fault, ScenarioError
from .schema import Columnar, Scenario

__all__ = ["check_memory", "expected_synapses"]

BYTES_PER_SYNAPSE = 110  # at the peak of building; measured by `make bench`
BYTES_OF_CAPACITY = 60
BYTES_PER_NEURON = 400


def expected_synapses(columnar: Columnar) -> float:
    """Return how many synapses the columns of a scenario will have, on average."""
    n, layers = columnar.columns.count, columnar.columns.layers
    pairs = {"same": n, "other": n * (n - 1)}
    return sum(c.probability * layers[c.source] * layers[c.target] * pairs[c.column] for c in columnar.connections)


def check_memory(scenario: Scenario) -> None:
    """Say at once that the columns of a scenario are too large for the memory of this machine.

    Raises
    ------
    ScenarioError
    """
    columnar = scenario.columnar
    if columnar is None:
        return
    n_synapses, n_neurons = expected_synapses(columnar), columnar.n_neurons
    ring = 8 << columnar.synapses.delay.longest.bit_length()
    bytes_per_synapse = BYTES_PER_SYNAPSE + (BYTES_OF_CAPACITY if columnar.synapses.capacity is not None else 0)
    needs = {
        "columns": n_synapses * bytes_per_synapse + n_neurons * (BYTES_PER_NEURON + ring),
        "duration": 2.0 * 8 * scenario.duration * len(scenario.record.traces),
    }
    if (interval := scenario.record.weights) is not None:
        needs["record.weights"] = 2.0 * 8 * n_synapses * (scenario.duration // interval)
    advice = {
        "columns": "lower columns.count, columns.layers or the probabilities",
        "duration": "run for a shorter duration, or record fewer traces",
        "record.weights": "record the weights at a longer interval",
    }
    what = max(needs, key=lambda name: needs[name])
    needed, available = sum(needs.values()), _available_memory()
    size = f"{n_neurons:,} neurons and about {n_synapses:,.0f} synapses"
    if needed > available:
        problem = f"{size} need about {_size(needed)} of memory, and {_size(available)} are available; {advice[what]}"
    elif 2 * n_synapses + n_neurons > 2**31 - 1:
        problem = f"{size} are more than entity ids of 32 bits can count; {advice['columns']}"
    else:
        return
    raise ScenarioError([Fault("scenario", what, problem)])


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
