"""LazyUpdate: changes of structure that wait for the end of the tick (as in Specs)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import EntityError
from .component import Batch, Entity

if TYPE_CHECKING:
    from .world import World

__all__ = ["LazyUpdate"]


class LazyUpdate:
    """A queue of changes of structure, done in order by `World.maintain` between ticks.

    A change that comes too late, because the entity is gone by then, warns and is left out.
    """

    def __init__(self) -> None:
        self._queue: list[Callable[[World], object]] = []

    def __len__(self) -> int:
        return len(self._queue)

    def exec(self, change: Callable[[World], object]) -> None:
        """Queue any change: ``world.lazy.exec(lambda world: connect(world, a, b, delay=3))``."""
        self._queue.append(change)

    def create_entity(self, *components: Any) -> None:
        """Queue `World.create_entity`."""
        self.exec(lambda world: world.create_entity(*components))

    def create_entities(self, n: int, *batches: Batch) -> None:
        """Queue `World.create_entities`."""
        self.exec(lambda world: world.create_entities(n, *batches))

    def delete_entity(self, entity: Entity) -> None:
        """Queue `World.delete_entity`."""
        self.exec(lambda world: world.delete_entity(entity))

    def insert(self, entity: Entity, component: Any) -> None:
        """Queue `World.insert`."""
        self.exec(lambda world: world.insert(entity, component))

    def remove(self, entity: Entity, component: type) -> None:
        """Queue `World.remove`."""
        self.exec(lambda world: world.remove(entity, component))

    def apply(self, world: World) -> None:
        """Do all that is queued, and what that queues in turn."""
        while self._queue:
            change = self._queue.pop(0)
            try:
                change(world)
            except EntityError as error:
                warnings.warn(f"a queued change came too late: {error}", RuntimeWarning, stacklevel=2)
