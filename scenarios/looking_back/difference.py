"""Where two recorded runs part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from runen_ecs.components import DENDRITE, SYNAPSE
from runen_ecs.engine import Component, World
from runen_ecs.engine.state import restore_world, world_state

from .entities import number_of
from .replay import RecordedRun

__all__ = ["first_difference"]

PIECE = 512


def first_difference(first: Path, second: Path) -> dict[str, Any] | None:
    """Return where two recorded runs first differ; None if they do not, as long as both last.

    Returns
    -------
    dict
        ``tick``; ``component``, ``field`` and ``entity`` as ``neuron:40``; ``values``, what each has. A difference of
        structure, or of what no entity has, is told under ``what``.

    Raises
    ------
    FileError
        If one holds no run.
    """
    runs = RecordedRun(first), RecordedRun(second)
    last = min(run.tick for run in runs)
    one, two = (run.at(0) for run in runs)
    if (found := _differ(one.world, two.world)) is not None:
        return {"tick": 0, **found}
    for start in range(0, last, PIECE):
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
    return None


def _differ(one: World, two: World) -> dict[str, Any] | None:
    """Return what differs first between two worlds: structure, then components, then resources."""
    first, second = world_state(one), world_state(two)
    for name in sorted(first.arrays.keys() | second.arrays.keys(), key=_rank):
        a, b = first.arrays.get(name), second.arrays.get(name)
        if a is None or b is None or a.shape != b.shape or a.dtype != b.dtype:
            sizes = [part.shape if part is not None else "none" for part in (a, b)]
            return {"what": name, "values": [str(size) for size in sizes]}
        if a.tobytes() != b.tobytes():
            return _place(one, name, a, b)
    return None


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
    shown = f"{'synapse' if own.kind in (SYNAPSE, DENDRITE) else own.kind.name}:{number_of(world, entity)}"
    return {"component": component, "field": field, "entity": shown, "values": values}
