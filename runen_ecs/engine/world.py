"""The world: entities, their components, the resources; Specs' nouns on an esper context of its own."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

import esper
import numpy as np
from numpy.typing import ArrayLike

from ..errors import ComponentError, EntityError, StructureError
from .arrays import Rows
from .component import Batch, Component, Entity, Kind, batch_of
from .esper_context import ComponentSets, EntityTable, garbage_kept, open_context, reserve, view_of
from .lazy import LazyUpdate
from .resource import Clock, Interrupt, Resource
from .storage import EntityIndex, Table, VecStorage, cascade

__all__ = ["World"]

C = TypeVar("C", bound=Component)
R = TypeVar("R", bound=Resource)

_numbers = count()


def _close(name: str) -> None:
    if esper.current_world == name:
        esper.switch_world("default")
    if name in esper.list_worlds():
        esper.delete_world(name)


class World:
    """Entities with components, resources, and an esper context that shows them to any esper program.

    >>> world = World()
    >>> with world.active():
    ...     esper.create_entity("a plain component")
    1

    Parameters
    ----------
    seed : int
        Every random number of the world is a function of it; 0 … 2**64 - 1.
    dt : float
        Length of a tick [ms].

    Attributes
    ----------
    name : str
        The esper context: ``esper.switch_world(world.name)``.
    lazy : LazyUpdate
        Changes of structure from inside a tick.
    """

    def __init__(self, seed: int = 0, dt: float = 1.0) -> None:
        self.name = f"runen-{next(_numbers)}"
        self.seed = seed
        self.lazy = LazyUpdate()
        self.index = EntityIndex()
        self._tables: list[Table] = []
        self._table_of_kind: dict[str, Table] = {}
        self._storages: dict[type[Component], VecStorage[Any]] = {}
        self._resources: dict[type[Resource], Resource] = {}
        self._entities = EntityTable(self.index, self._tables)
        self._components = ComponentSets(self._storages, self._entities)
        self._maintained = -1
        self._doomed = open_context(self.name, self._entities, self._components)
        weakref.finalize(self, _close, self.name)
        self.clock = self.add_resource(Clock(dt=dt))
        self.add_resource(Interrupt())

    @property
    def version(self) -> int:
        """Counts the changes of structure; systems bind their arrays anew when it moved."""
        return self.index.version

    # -- what there is ------------------------------------------------------------------------------------------

    def register(self, component: type[Component]) -> None:
        """Make the storage of a component; done by the systems that declare it, and by creating entities with it."""
        if component not in self._storages:
            self._storages[component] = VecStorage(component, self.table(component.kind))
            self.index.version += 1

    def storage(self, component: type[C]) -> VecStorage[C]:
        """Return the storage of a component."""
        self.register(component)
        return self._storages[component]

    def has_storage(self, component: type[Component]) -> bool:
        """Whether a system or an entity of this world has ever asked for a component."""
        return component in self._storages

    def table(self, kind: Kind) -> Table:
        """Return the rows of a kind of entity."""
        if kind.name not in self._table_of_kind:
            table = Table(kind.group, self.index, self._table_of_kind)
            for name in kind.group:
                if name in self._table_of_kind:
                    raise ComponentError(name, f"is a kind with the group {self._table_of_kind[name].group} already")
            self._tables.append(table)
            self._table_of_kind |= dict.fromkeys(kind.group, table)
        table = self._table_of_kind[kind.name]
        if table.group != kind.group:
            raise ComponentError(kind.name, f"is a kind with the group {table.group}, not {kind.group}")
        return table

    def entities(self, kind: Kind) -> Rows:
        """Return the ids of all entities of a kind, in the order of their rows, (n,) int32."""
        return self.table(kind).entity(kind)

    def component(self, entity: Entity, component: type[C]) -> C:
        """Return a row view of a component of an entity.

        Raises
        ------
        EntityError
            If the entity is gone, or does not have the component.
        """
        storage = self.storage(component)
        if not self._entities.has_row(entity):
            raise EntityError(entity, "does not exist")
        if self.index.find(entity)[1] != component.kind.name or not storage.has(self.index.row[entity]):
            raise EntityError(entity, f"has no {component.__name__}")
        view: C = view_of(storage, entity)
        return view

    def add_resource(self, resource: R) -> R:
        """Put a resource in; one of each type."""
        self._resources[type(resource)] = resource
        self.index.version += 1
        return resource

    def resource(self, resource: type[R]) -> R:
        """Return the resource of a type, made with its defaults if it is not there yet."""
        if resource not in self._resources:
            self.add_resource(resource())
            self._resources[resource].maintain(self)
        found = self._resources[resource]
        assert isinstance(found, resource)
        return found

    @property
    def tick(self) -> int:
        """How many ticks have run."""
        return self.clock.tick

    # -- structure ----------------------------------------------------------------------------------------------

    def create_entity(self, *components: Any) -> Entity:
        """Create one entity; of kinds that share a row, one of each.

        Parameters
        ----------
        components : component instances
            `Component`s of one kind or group of kinds, and plain dataclasses, which esper keeps.

        Returns
        -------
        int
            The entity; of kinds that share a row, that of the first kind.
        """
        batches = [batch_of(component) for component in components if isinstance(component, Component)]
        if not batches:
            with self.active():
                return esper.create_entity(*components)
        entity = int(self.create_entities(1, *batches)[0])
        for component in components:
            if not isinstance(component, Component):
                self.insert(entity, component)
        return entity

    def create_entities(self, n: int, *batches: Batch) -> Rows:
        """Create many entities at once.

        Parameters
        ----------
        n : int
            How many rows.
        batches : Batch
            ``Membrane.batch(v=-65.0)``: the components they get, all of one kind or group of kinds.

        Returns
        -------
        (n,) int32
            Their ids; of kinds that share a row, those of the first kind.

        Raises
        ------
        StructureError
            Inside a tick: use `World.lazy` there.
        """
        self._between_ticks("create_entities")
        groups = {batch.component.kind.group for batch in batches}
        if len(groups) != 1:
            names = sorted(batch.component.__name__ for batch in batches)
            raise StructureError(f"one call creates entities of one kind; {', '.join(names)} belong to {len(groups)}")
        if n < 0:
            raise StructureError(f"cannot create {n} entities")
        for batch in batches:
            self.register(batch.component)
        table = self.table(batches[0].component.kind)
        with self.active():
            first = reserve(n * len(table.group), self.index.last)
            table.append(first, n, list(batches))
            self._changed()
        return table.first_entity[len(table) - n :].copy()

    def delete_entity(self, entity: Entity) -> None:
        """Delete an entity, and what cannot be without it (a neuron's dendrites and their synapses).

        The same as `esper.delete_entity`: it is gone at the next `maintain`, which every tick begins with.

        Raises
        ------
        EntityError
            If there is no such entity.
        """
        with self._living(entity, "deleted"):
            esper.delete_entity(int(entity))

    def delete_entities(self, entities: Iterable[Entity]) -> None:
        """Delete many entities; see `delete_entity`."""
        for entity in entities:
            self.delete_entity(entity)

    def insert(self, entity: Entity, component: Any) -> None:
        """Give an entity a component, or replace the one it has."""
        if not isinstance(component, Component):
            with self._living(entity, "changed"):
                esper.add_component(int(entity), component)
            return
        self.insert_many(np.array([entity]), batch_of(component))

    def insert_many(self, entities: ArrayLike, batch: Batch) -> None:
        """Give many entities a component: ``world.insert_many(neurons, Calcium.batch(level=0.1))``.

        Raises
        ------
        EntityError
            If one of them was deleted.
        ComponentError
            If one of them is of another kind than the component.
        """
        self._between_ticks("insert")
        storage = self.storage(batch.component)
        entities = np.atleast_1d(entities)
        storage.insert(np.array([self._row(e, batch.component) for e in entities.tolist()], np.int32), batch.values)
        given = set(entities.tolist())
        removed = self._components.removed
        removed[:] = [(e, c) for e, c in removed if c is not batch.component or e not in given]
        self._changed()
        for entity in given:
            self._entities.refresh(entity, storage)

    def remove(self, entity: Entity, component: type) -> None:
        """Take a component from an entity."""
        if not issubclass(component, Component):
            with self._living(entity, "changed"):
                esper.remove_component(int(entity), component)
            return
        self._between_ticks("remove")
        self._row(entity, component)
        self._take(entity, component)

    def _row(self, entity: Entity, component: type[Component]) -> int:
        """Return the row of a living entity of the kind that a component belongs to."""
        if not self._entities.has_row(entity):
            raise EntityError(entity, f"does not exist, so {component.__name__} cannot be given to it or taken from it")
        if self.index.find(entity)[1] != component.kind.name:
            raise ComponentError(component.__name__, f"belongs to a {component.kind.name}, and entity {entity} is none")
        return int(self.index.row[entity])

    def rearrange(self, kind: Kind, order: Rows) -> None:
        """Put the rows of a kind into another order, or keep some of them; entities and views stay right."""
        table = self.table(kind)
        new_row = table.rearrange(order)
        for other in self._tables:
            for storage in other.storages.values():
                for name, f in storage.component.fields.items():
                    target = getattr(f, "kind", None)
                    if target is not None and self._table_of_kind.get(target.name) is table:
                        old = storage.array[name]
                        storage.array[name] = np.where(old >= 0, new_row[old], old) if new_row.size else old
        for resource in self._resources.values():
            resource.moved(table, new_row)
        self.index.version += 1

    def maintain(self) -> None:
        """Do what was queued or deleted since the last tick, and make every index right."""
        self._between_ticks("maintain")
        if not self.lazy and self._maintained == self.version:
            return
        with self.active():
            self.lazy.apply(self)
            self.settle()
            self.reindex()

    def reindex(self) -> None:
        """Bring every resource into line with the structure; systems do so when it changes inside a tick."""
        while self._maintained != self.version:
            self._maintained = self.version
            for resource in list(self._resources.values()):
                resource.maintain(self)

    def settle(self) -> None:
        """Do now what esper was asked to delete or to remove."""
        if self._doomed or self._entities.dead or self._components.removed:
            with self.active():
                esper.clear_dead_entities()
                self._remove_components()
                if self._entities.dead:
                    self._bury()

    def _bury(self) -> None:
        dead = self._entities.dead
        gone = {id(table): np.zeros(len(table), np.bool_) for table in self._tables}
        for entity in dead:
            gone[id(self.index.find(entity)[0])][self.index.row[entity]] = True
        dead.clear()
        cascade(self._tables, gone)
        for table in self._tables:
            lost = gone[id(table)]
            if not lost.any():
                continue
            for position in range(len(table.group)):
                for entity in (table.first_entity[lost] + position).tolist():
                    for component in self._entities.pop(entity, ()):
                        self._components[component].discard(entity)
            self._components.removed.clear()
            self.rearrange(Kind(table.group[0], table.group), np.flatnonzero(~lost).astype(np.int32))
        self._changed()

    def _remove_components(self) -> None:
        removed = list(self._components.removed)
        self._components.removed.clear()
        for entity, component in removed:
            if self._entities.has_row(entity):
                self._take(entity, component)

    def _take(self, entity: Entity, component: type[Component]) -> None:
        storage = self.storage(component)
        storage.remove(self.index.row[entity])
        self._changed()
        self._entities.refresh(entity, storage)

    def _changed(self) -> None:
        """Let esper make its sets and its lists of results anew."""
        self._components.forget()
        self.index.version += 1
        with self.active():
            esper.clear_cache()

    def _between_ticks(self, what: str) -> None:
        if self.clock.in_tick:
            raise StructureError(
                f"{what} inside tick {self.tick}: the arrays are in use. Queue it: world.lazy.{what}(…), "
                "or world.lazy.exec(lambda world: …)"
            )
        self.settle()

    # -- esper ----------------------------------------------------------------------------------------------------

    @contextmanager
    def active(self) -> Iterator[World]:
        """Make this the world that esper's functions work on, for the length of a ``with``."""
        before = esper.current_world
        if before == self.name:
            yield self
            return
        esper.switch_world(self.name)
        try:
            yield self
        finally:
            esper.switch_world(before if before in esper.list_worlds() else "default")

    @contextmanager
    def _living(self, entity: Entity, done: str) -> Iterator[None]:
        """Make this the active world, if it has this entity."""
        with self.active():
            if not esper.entity_exists(int(entity)):
                raise EntityError(entity, f"does not exist, so it cannot be {done}")
            yield

    def materialise(self, *components: type[Component]) -> None:
        """Make the row views of components now, which is faster than when esper is first asked for them."""
        with self.active(), garbage_kept():
            for component in components:
                self.register(component)
                esper.get_component(component)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(t)} {name}s" for t in self._tables for name in t.group if len(t))
        return f"<World {self.name}: {counts or 'empty'}>"
