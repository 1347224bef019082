"""Where two recorded runs part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.engine import Component, World
from runen_ecs.engine.state import State, restore_world, world_state

from .entities import name_of
from .replay import RecordedRun

__all__ = ["differing_keys", "first_difference"]

PIECE = 512
WEIGHTS = ("synapses", "weights", "snapshots")  # of which the first two have no ticks, and the last says where they are


def first_difference(first: Path, second: Path) -> dict[str, Any] | None:
    """Return where two recorded runs first differ; None if they do not, as long as both last.

    Both are replayed side by side, from the first tick of which both have the world, and what they have recorded until
    their common end is compared.

    Returns
    -------
    dict
        ``tick``; ``component``, ``field`` and ``entity`` as ``neuron:40``; ``values``, what each has. A difference of
        structure, or of what no entity has, is told under ``what``.

    Raises
    ------
    FileError
        If one holds no run, or is damaged.
    """
    runs = RecordedRun(first), RecordedRun(second)
    begin, last = max(run.first for run in runs), min(run.tick for run in runs)
    one, two = (run.at(begin) for run in runs)
    if (found := _differ(one.world, two.world)) is not None:
        return {"tick": begin, **found}
    for start in range(begin, last, PIECE):
        before = [world_state(simulation.world) for simulation in (one, two)]
        done = [simulation.events_done for simulation in (one, two)]
        ticks = min(PIECE, last - start)
        one.run(ticks)
        two.run(ticks)
        if _differ(one.world, two.world) is None:
            continue
        for simulation, state, events in zip((one, two), before, done, strict=True):
            restore_world(simulation.world, state)
            simulation.events_done = events
        for tick in range(start + 1, start + ticks + 1):
            one.run(1)
            two.run(1)
            if (found := _differ(one.world, two.world)) is not None:
                return {"tick": tick, **found}
    return _records_differ(runs, last)


def differing_keys(first: Path, second: Path) -> dict[str, list[Any]]:
    """Return the keys in which the scenarios of two recorded runs differ, with the two values; None: it has no such."""
    one, two = (dict(_flat(RecordedRun(path).manifest.scenario)) for path in (first, second))
    return {key: [one.get(key), two.get(key)] for key in {**one, **two} if one.get(key) != two.get(key)}


def _flat(data: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield values by their whole keys; tables in lists by their numbers."""
    for key, value in data.items():
        if isinstance(value, list) and any(isinstance(part, dict) for part in value):
            value = {str(number): part for number, part in enumerate(value)}
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        elif value != []:
            yield f"{above}{key}", value


def _records_differ(runs: Sequence[RecordedRun], last: int) -> dict[str, Any] | None:
    """Return the first record of both runs that is another one, though the runs are the same."""
    for run in runs:
        run.network  # noqa: B018 - raises, if it is damaged
    for name in [name for name in runs[0].streams if name in runs[1].streams and name not in WEIGHTS]:
        rows, digests = zip(*(_content(run.streams[name].chunks(0, last + 1)) for run in runs), strict=True)
        if digests[0] != digests[1]:
            return {"tick": last, "what": f"the record of {name}", "values": [f"{n:,} rows" for n in rows]}
    stop = (last + 1) * runs[0].dt_ms
    rows, digests = zip(*(_content(_weights(run, stop)) for run in runs), strict=True)
    if digests[0] != digests[1]:
        return {"tick": last, "what": "the record of weights", "values": [f"{n:,} numbers" for n in rows]}
    return None


def _weights(run: RecordedRun, stop_ms: float) -> Iterator[NDArray[Any]]:
    """Yield times and weights; where in its file each is, may differ in runs that are the same."""
    for time, weight in run.weight_chunks(0.0, stop_ms):
        yield np.append(time, weight[~np.isnan(weight)])


def _content(parts: Iterable[NDArray[Any]]) -> tuple[int, str]:
    """Return how many rows there are, and their SHA-256."""
    rows, digest = 0, hashlib.sha256()
    for part in parts:
        rows += part.size
        digest.update(part.tobytes())
    return rows, digest.hexdigest()


def _differ(one: World, two: World) -> dict[str, Any] | None:
    """Return what differs first between two worlds: structure, then components, then resources."""
    first, second = world_state(one), world_state(two)
    for name in sorted(first.arrays.keys() | second.arrays.keys(), key=_rank):
        a, b = first.arrays.get(name), second.arrays.get(name)
        if (a is None or b is None) and _is_empty(name, first if b is None else second):
            continue
        if a is None or b is None or a.shape != b.shape or a.dtype != b.dtype:
            kind, _, table = name.partition("/")
            what = f"number of {table}s" if kind == "table" else name
            return {"what": what, "values": [len(part) if part is not None else "none" for part in (a, b)]}
        if a.tobytes() != b.tobytes():
            return _place(one, name, a, b)
    return None


def _is_empty(name: str, state: State) -> bool:
    """Whether an array that one world has alone says nothing: no entity has the component, or a record is other."""
    kind, _, rest = name.partition("/")
    present = state.arrays.get(f"component/{rest.split('/')[0]}/")
    return kind == "resource" or (kind == "component" and present is not None and not present.any())


def _rank(name: str) -> tuple[int, str]:
    order = ("table", "component", "resource")
    return next((n for n, start in enumerate(order) if name.startswith(start)), len(order)), name


def _place(world: World, name: str, a: NDArray[Any], b: NDArray[Any]) -> dict[str, Any]:
    """Say which entity has which values, if the array is the field of a component."""
    where = next(place for place in range(a.size) if a.flat[place].tobytes() != b.flat[place].tobytes())
    values = [part.ravel()[where].item() for part in (a, b)]
    kind, _, rest = name.partition("/")
    component, _, field = rest.partition("/")
    declared = {c.__name__: c for table in world._tables for c in table.storages}
    if kind != "component" or component not in declared:
        return {"what": name, "values": values}
    own: type[Component] = declared[component]
    entity = int(world.entities(own.kind)[where])
    return {"component": component, "field": field, "entity": name_of(world, entity), "values": values}
