"""Runs that go to disk, and what to compare them by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runen_ecs.components import Membrane, Weight
from runen_ecs.files import ARRAYS, VALUE_ARRAYS, VALUE_WORDS, RunData
from runen_ecs.run_folder import RunFolder
from runen_ecs.scenarios import Simulation, build, load

COLUMN = ("columns.count=1", "duration=2 s", "record.traces=[0, 40]", 'record.weights="60 ms"')


KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "columns": ("columnar", {"columns.count": 2, "duration": "300 ms", "record.weights": "70 ms"}),
    "columns that tire": ("columnar-capacity", {"columns.count": 1, "duration": "300 ms"}),
    "mixed": ("mixed", {"duration": "300 ms"}),
    "capacity network": ("half-adder", {}),
    "populations": ("izhikevich-2003", {"populations.excitatory.size": 80, "duration": "300 ms"}),
    "extension": ("neuromodulator", {"duration": "2500 ms"}),
    "live edits": (
        "cuba",
        {
            "populations.excitatory.size": 200,
            "populations.inhibitory.size": 50,
            "duration": "100 ms",
            "events": [
                {"at": "20 ms", "remove": {"of": "excitatory", "share": 0.1}},
                {"at": "50 ms", "cut": {"projection": "inhibition", "share": 0.5}},
                {"at": "50 ms", "silence": {"of": "inhibitory neuron=0..9", "for": "30 ms"}},
                {"at": "70 ms", "connect": {"from": "all", "to": "excitatory", "rule": {"in_degree": 3}, "weight": 1}},
            ],
        },
    ),
}
"""Scenarios of every kind, and the keys that make them short."""


def column(*overrides: str) -> Simulation:
    """One cortical column, with traces and weights at intervals."""
    return build(load("columnar", [*COLUMN, *overrides]))


def bits(data: RunData) -> dict[str, Any]:
    """Return all that a run holds, to be compared to the bit."""
    arrays = {name: getattr(data, name) for name in ARRAYS}
    for n, values in enumerate(data.values):
        arrays |= {f"values {n} {name}": getattr(values, name) for name in VALUE_ARRAYS}
    words = [{name: getattr(values, name) for name in VALUE_WORDS} for values in data.values]
    found = {name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays.items()}
    return {**found, "meta": json.loads(json.dumps(data.meta)), "words": words}


def differing(first: RunData, second: RunData) -> list[str]:
    """Return the names of what differs between two runs."""
    a, b = bits(first), bits(second)
    return [name for name in {**a, **b} if a.get(name) != b.get(name)]


def state(simulation: Simulation) -> tuple[bytes, ...]:
    """Return the state of a world that the future depends on."""
    return tuple(getattr(simulation.world.storage(c).arrays, f).tobytes() for c, f in STATE)


STATE = ((Membrane, "v"), (Weight, "value"))


def recorded(path: Path, simulation: Simulation, *ticks: int) -> Simulation:
    """Run with a folder, in calls of so many ticks."""
    with RunFolder.create(path, simulation):
        for n in ticks:
            simulation.run(n)
    return simulation
