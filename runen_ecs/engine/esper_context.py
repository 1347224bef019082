"""What esper holds of a world: containers that make row views when somebody first asks for them.

esper keeps a world in a few plain dicts and sets. We hand it subclasses of them, so that its documented functions
(`get_components`, `component_for_entity`, `delete_entity`, …) see every entity whose components live in arrays,
without the default run ever paying for a view, and so that what they delete or remove reaches the storages.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import esper
import numpy as np

from ..errors import ComponentError
from .component import Component, Entity
from .storage import EntityIndex, Table, VecStorage

__all__ = ["ComponentSets", "EntitySet", "EntityTable", "open_context"]


class EntityTable(dict[Entity, dict[type, Any]]):
    """From entity to its components by type: those that esper was given, and views of those that live in arrays."""

    def __init__(self, index: EntityIndex, tables: list[Table]) -> None:
        super().__init__()
        self.index = index
        self.tables = tables
        self.dead: set[Entity] = set()

    def has_row(self, entity: Entity) -> bool:
        """Whether components of ``entity`` live in arrays, and it was not deleted since the last `maintain`."""
        return self.index.alive(entity) and entity not in self.dead

    def __missing__(self, entity: Entity) -> dict[type, Any]:
        table, kind = self.index.find(entity)
        if table is None or not self.has_row(entity):
            raise KeyError(entity)
        row = self.index.row[entity]
        views = {c: view_of(storage, entity) for c, storage in table.of_kind(kind) if storage.has(row)}
        self[entity] = views
        return views

    def __contains__(self, entity: object) -> bool:
        return super().__contains__(entity) or (isinstance(entity, int | np.integer) and self.has_row(int(entity)))

    def get(self, entity: Entity, default: Any = None) -> Any:
        """Return the components of an entity, or ``default``."""
        try:
            return self[entity]
        except KeyError:
            return default

    def __iter__(self) -> Iterator[Entity]:
        made = list(super().__iter__())  # a loop over entities may ask for views, which makes more
        yield from (entity for entity in made if not self.index.alive(entity))
        for table in self.tables:
            for position in range(len(table.group)):
                yield from (e for e in (table.first_entity + position).tolist() if e not in self.dead)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __delitem__(self, entity: Entity) -> None:
        if self.has_row(entity):
            self.dead.add(entity)
            self.pop(entity, None)
        else:
            super().__delitem__(entity)

    def clear(self) -> None:
        """Delete every entity (`esper.clear_database`)."""
        self.dead.update(entity for entity in self if self.index.alive(entity))
        super().clear()
        esper._entity_count = count(self.index.last + 1)  # esper counts from 1 again; ids in the index are taken

    def forget_all(self) -> None:
        """Know no entity but those that have a row, and no view; nothing is deleted."""
        super().clear()
        self.dead.clear()

    def refresh(self, entity: Entity, storage: VecStorage[Any]) -> None:
        """Bring the view of one component of one entity, if it was made, into line with the storage."""
        made = super().get(entity)
        if made is not None:
            made.pop(storage.component, None)
            if storage.has(self.index.row[entity]):
                made[storage.component] = view_of(storage, entity)


class EntitySet(set[Entity]):
    """The entities that have one component that lives in an array."""

    def __init__(self, component: type[Component], owner: ComponentSets) -> None:
        super().__init__()
        self.component = component
        self.owner = owner
        storage = owner.storages.get(component)
        if storage is not None:
            entity = storage.table.entity(component.kind)
            self.update((entity if storage.mask is None else entity[storage.mask]).tolist())
            self.difference_update(owner.entities.dead, (e for e, c in owner.removed if c is component))

    def add(self, entity: Entity) -> None:
        """Refuse: a component in an array is given to an entity by the world."""
        if entity not in self.owner.entities:  # esper is creating it, and has given it other components already
            for entities in self.owner.values():
                set.discard(entities, entity)
        raise ComponentError(
            self.component.__name__,
            "lives in an array, so the world creates it: world.create_entity(…), connect(world, …) or "
            f"world.insert(entity, {self.component.__name__}(…)), through world.lazy inside a tick",
        )

    def discard(self, entity: object) -> None:
        """Note a removal for the next `maintain`."""
        if isinstance(entity, int | np.integer) and entity in self:
            super().discard(entity)
            self.owner.removed.append((int(entity), self.component))


class ComponentSets(dict[type, set[Entity]]):
    """From component type to the entities that have it; made when first asked for."""

    def __init__(self, storages: dict[type[Component], VecStorage[Any]], entities: EntityTable) -> None:
        super().__init__()
        self.storages = storages
        self.entities = entities
        self.removed: list[tuple[Entity, type[Component]]] = []

    def __missing__(self, component: type) -> set[Entity]:
        if not issubclass(component, Component):
            raise KeyError(component)
        entities = EntitySet(component, self)
        if component in self.storages:
            self[component] = entities
        return entities

    def __contains__(self, component: object) -> bool:
        return super().__contains__(component) or (isinstance(component, type) and issubclass(component, Component))

    def get(self, component: type, default: Any = None) -> Any:
        """Return the entities that have a component, or ``default`` where nobody has."""
        return (self[component] or default) if component in self else default

    def __delitem__(self, component: type) -> None:
        self.pop(component, None)

    def forget(self) -> None:
        """Drop the sets of all components that live in arrays; they are made anew when next asked for."""
        for component in [c for c in self if c in self.storages]:
            del self[component]

    def forget_all(self) -> None:
        """Know no component but those that live in arrays, and no removal."""
        self.clear()
        self.removed.clear()


def view_of(storage: VecStorage[Any], entity: Entity) -> Any:
    """Return a row view of a component of an entity."""
    view: Component = object.__new__(storage.component)
    object.__setattr__(view, "_storage", storage)
    object.__setattr__(view, "_entity", entity)
    return view


@contextmanager
def garbage_kept() -> Iterator[None]:
    """Keep Python's collector from searching, over and over, hundreds of thousands of views while they are made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def open_context(name: str, entities: EntityTable, components: ComponentSets) -> set[Entity]:
    """Make an esper context of that name around our containers; return the set of entities that it is to delete."""
    doomed: set[Entity] = set()
    esper._context_map[name] = (count(start=1), components, entities, doomed, {}, {}, [], {}, False, {}, {})
    return doomed


def reserve(n: int, known: int) -> Entity:
    """Return the first of ``n`` consecutive new entities of the active context, all above ``known``."""
    first = max(next(esper._entity_count), known + 1)
    if first + 2 * n > np.iinfo(np.int32).max:
        raise MemoryError("entity ids are 32-bit")
    esper._entity_count = count(first + n)
    return first
