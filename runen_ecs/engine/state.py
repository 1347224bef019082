"""The state of a world: all that its future depends on, beside what was built by its plan."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from numbers import Real
from typing import Any

import esper
import numpy as np
from numpy.typing import NDArray

from ..errors import choices
from .component import Component, Entity, Kind
from .packing import StateError, find_class, pack, place_of, unpack
from .resource import Resource
from .storage import Table, VecStorage, row_dtype
from .system import System
from .world import World

__all__ = ["State", "StateError", "restore_world", "world_state"]


@dataclass
class State:
    """The state of a world at the end of a tick.

    Attributes
    ----------
    arrays : dict of str to array
        ``table/synapse``, ``component/Membrane/v``, ``resource/DelayLine/pending`` and so on.
    data : dict
        All else, as JSON can hold it.
    """

    arrays: dict[str, NDArray[Any]]
    data: dict[str, Any]

    @property
    def tick(self) -> int:
        """How many ticks had run."""
        return int(self.data["tick"])


# -- to store ---------------------------------------------------------------------------------------------------------


def world_state(world: World) -> State:
    """Return the state of a world; a copy, and the world goes on with the same bits as without.

    Raises
    ------
    StateError
        Inside a tick, while changes wait in `World.lazy`, or if something cannot be stored; it says what.
    """
    if world.clock.in_tick:
        raise StateError(f"the state of a world is stored between ticks, not inside tick {world.tick}")
    if world.lazy:
        raise StateError(
            f"changes of structure wait in world.lazy, and cannot be stored: {_waiting(world)}; "
            "call world.maintain(), which does them, and store the state then"
        )
    world.settle()
    arrays: dict[str, NDArray[Any]] = {}
    number = {id(table): i for i, table in enumerate(world._tables)}
    arrays["blocks"] = np.array(
        [(first, last, number[id(table)]) for first, last, table in world.index.all_blocks()], np.int64
    ).reshape(-1, 3)
    for table in world._tables:
        arrays[f"table/{table.group[0]}"] = table.first_entity.copy()
    data = {
        "tick": world.tick,
        "seed": int(world.seed),
        "dt": float(world.clock.dt),
        "maintained": world._maintained == world.version,
        "last": world.index.last,
        "tables": [list(table.group) for table in world._tables],
        "components": _components(world, arrays),
        "resources": _resources(world, arrays),
        **_esper(world, arrays),
    }
    return State(arrays, data)


def _waiting(world: World) -> str:
    """Return the names of the changes that wait, each once."""
    names = [getattr(change, "__qualname__", repr(change)) for change in world.lazy._queue]
    return ", ".join(dict.fromkeys(name.removesuffix(".<locals>.<lambda>") for name in names))


def _components(world: World, arrays: dict[str, NDArray[Any]]) -> dict[str, dict[str, Any]]:
    """Keep every storage; a component by its name, so that its module may change."""
    found: dict[str, dict[str, Any]] = {}
    for component, storage in ((c, s) for table in world._tables for c, s in table.storages.items()):
        name = _new_name(component, found)
        found[name] = {"place": [component.__module__, component.__qualname__], "fields": list(storage.array)}
        found[name]["masked"] = storage.mask is not None
        for field, array in storage.array.items():
            arrays[f"component/{name}/{field}"] = array.copy()
        if storage.mask is not None:
            arrays[f"component/{name}/"] = storage.mask.copy()
    return found


def _resources(world: World, arrays: dict[str, NDArray[Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for kind, resource in world._resources.items():
        name = _new_name(kind, found)
        packed = pack(resource.state(), f"resource/{name}", arrays)
        found[name] = {"place": [kind.__module__, kind.__qualname__], "state": packed}
    return found


def _new_name(kind: type, found: dict[str, Any]) -> str:
    if kind.__name__ in found:
        raise StateError(f"two classes of the world are called {kind.__name__}; a state knows them by their names")
    return kind.__name__


def _esper(world: World, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Return what esper alone knows, and the parameters of the systems, which may have been changed."""
    with world.active():
        following = next(esper._entity_count)
        esper._entity_count = count(following)
        systems = [(type(system).__name__, _parameters(system)) for system in _systems()]
    plain = {}
    for entity, held in dict.items(world._entities):
        own = {kind: value for kind, value in held.items() if not issubclass(kind, Component)}
        if own or not world.index.alive(entity):
            plain[entity] = [_plain(kind, value, entity, arrays) for kind, value in own.items()]
    packed = [[name, pack(own, f"system/{name}", arrays)] for name, own in systems]
    return {"next": following, "systems": packed, "esper": [[entity, held] for entity, held in plain.items()]}


def _plain(kind: type, value: Any, entity: Entity, arrays: dict[str, NDArray[Any]]) -> list[Any]:
    """Return the type under which esper holds a component, and the component."""
    name = f"esper/{entity}/{kind.__name__}"
    return [place_of(kind, name), pack(value, name, arrays)]


def _systems() -> list[System]:
    return [processor for processor in esper._processors if isinstance(processor, System)]


def _parameters(system: System) -> dict[str, Any]:
    own = {name: value for name, value in vars(system).items() if name != "priority" and not name.startswith("_")}
    return {name: value for name, value in own.items() if isinstance(value, Real)}


# -- to restore -------------------------------------------------------------------------------------------------------


def restore_world(world: World, state: State) -> None:
    """Put a world that was built by the same plan into a stored state; what it was in is forgotten.

    What waits in its `World.lazy` is forgotten too. The records stay as they are, and what is recorded from now on is
    added to them.

    Raises
    ------
    StateError
        Inside a tick, or if the world has another seed, tick length, systems, components or resources than the one
        that was stored. Then nothing is changed.
    """
    if world.clock.in_tick:
        raise StateError(f"a state is restored between ticks, not inside tick {world.tick}")
    _check_plan(world, state)
    components = {name: _component(world, name, state) for name in state.data["components"]}
    resources = {name: _resource(world, name, told) for name, told in state.data["resources"].items()}
    fresh = _fresh(world, list(resources.values()))
    values = {name: unpack(told["state"], state.arrays) for name, told in state.data["resources"].items()}
    plain = [
        (entity, [(find_class(place), unpack(value, state.arrays)) for place, value in held])
        for entity, held in state.data["esper"]
    ]
    for component in components.values():
        world.register(component)
    _restore_structure(world, state)
    for name, component in components.items():
        _restore_storage(world.storage(component), name, state)
    for resource, value in fresh.items():
        world._resources[resource].restore(value)
    for name, resource in resources.items():
        world.resource(resource).restore(values[name])
    _restore_esper(world, state, plain)
    world.index.version += 1
    world._maintained = -1
    if state.data["maintained"]:
        world.reindex()


def _check_plan(world: World, state: State) -> None:
    with world.active():
        here = [type(system).__name__ for system in _systems()]
    there = [name for name, _ in state.data["systems"]]
    for name in [name for name in there if name not in here][:1]:
        raise StateError(
            f"the state is of a world with the system {name}, and this one has none; {choices(name, here)}"
        )
    for name in [name for name in here if name not in there][:1]:
        raise StateError(f"this world has the system {name}, which that of the state has not; {choices(name, there)}")
    if here != there:
        raise StateError(
            f"this world runs the systems {', '.join(here)}, and that of the state ran them as {', '.join(there)}"
        )
    for what, mine in (("seed", world.seed), ("dt", world.clock.dt)):
        if state.data[what] != mine:
            raise StateError(f"the state is of a world with {what} {state.data[what]}, and this one has {mine}")


def _component(world: World, name: str, state: State) -> type[Component]:
    """Return the component of a name: that of this world, else that which lies where it lay."""
    told = state.data["components"][name]
    for component in world._storages:
        if component.__name__ == name:
            break
    else:
        component = find_class(told["place"])
        if not issubclass(component, Component):
            raise StateError(f"the state has a component {name}, and {name} of {told['place'][0]} is none here")
    if list(component.fields) != told["fields"]:
        raise StateError(
            f"{name} has the fields {', '.join(component.fields) or 'none'} here, "
            f"and in the state {', '.join(told['fields']) or 'none'}"
        )
    for field, declared in component.fields.items():
        dtype = state.arrays[f"component/{name}/{field}"].dtype
        if not np.can_cast(dtype, row_dtype(declared), "safe"):
            raise StateError(f"{name}.{field} is {row_dtype(declared)} here, and {dtype} in the state")
    return component


def _resource(world: World, name: str, told: dict[str, Any]) -> type[Resource]:
    """Return the resource of a name: that of this world, else that which lies where it lay."""
    for resource in world._resources:
        if resource.__name__ == name:
            return resource
    found = find_class(told["place"])
    if not issubclass(found, Resource):
        raise StateError(f"the state has a resource {name}, and {name} of {told['place'][0]} is none here")
    return found


def _fresh(world: World, stored: list[type[Resource]]) -> dict[type[Resource], dict[str, Any]]:
    """Return what resources begin with that are here and not in the state: where they were not asked for."""
    fresh = {}
    for resource in [resource for resource in world._resources if resource not in stored]:
        try:
            made = resource()
        except TypeError:
            known = [each.__name__ for each in stored]
            raise StateError(
                f"this world has the resource {resource.__name__}, which is not in the state; "
                f"{choices(resource.__name__, known)}"
            ) from None
        fresh[resource] = made.state()
    return fresh


def _restore_structure(world: World, state: State) -> None:
    """Make tables and index those of the state, and every component absent."""
    groups = [tuple(group) for group in state.data["tables"]]
    tables = [world.table(Kind(group[0], group)) for group in groups]
    world._tables.sort(key=lambda table: groups.index(table.group) if table.group in groups else len(groups))
    for table in world._tables:
        stored = state.arrays.get(f"table/{table.group[0]}")
        table.first_entity = stored.copy() if stored is not None else np.empty(0, np.int32)
        for storage in table.storages.values():
            storage.clear()
        named = [name for name in state.data["components"] if name in {c.__name__ for c in table.storages}]
        in_order = sorted(table.storages, key=lambda c: named.index(c.__name__) if c.__name__ in named else len(named))
        table.storages = {component: table.storages[component] for component in in_order}
    blocks: list[tuple[Entity, Entity, Table]] = [
        (first, last, tables[number]) for first, last, number in state.arrays["blocks"].tolist()
    ]
    world.index.restore(state.data["last"], blocks, world._tables)


def _restore_storage(storage: VecStorage[Any], name: str, state: State) -> None:
    for field, array in storage.array.items():
        stored = state.arrays[f"component/{name}/{field}"]
        storage.array[field] = stored.astype(array.dtype, casting="safe")
    storage.mask = state.arrays[f"component/{name}/"].copy() if state.data["components"][name]["masked"] else None


def _restore_esper(world: World, state: State, plain: list[tuple[Entity, list[tuple[type, Any]]]]) -> None:
    """Let esper know the entities of the state, and no other; give the systems their parameters."""
    world.lazy._queue.clear()
    world._entities.forget_all()
    world._components.forget_all()
    world._doomed.clear()
    with world.active():
        esper._entity_count = count(state.data["next"])
        for entity, held in plain:
            if not world.index.alive(entity):
                dict.__setitem__(world._entities, entity, {})
            for kind, value in held:
                esper.add_component(entity, value, kind)
        esper.clear_cache()
        for system, (_, parameters) in zip(_systems(), state.data["systems"], strict=True):
            for name, value in unpack(parameters, state.arrays).items():
                setattr(system, name, value)
