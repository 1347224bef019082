"""Systems: declared access to components and resources, and a kernel or a Python method that works on them."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any, ClassVar

import esper
import numpy as np
from numba.core.errors import NumbaError
from numpy.typing import NDArray

from ..errors import AccessError, ScheduleError
from .access import Access, declared
from .arrays import Rows
from .blame import blame, kernel_error
from .compile import Kernel, compiled_for
from .component import Arrays, Component
from .resource import Resource
from .storage import VecStorage
from .world import World

__all__ = ["System"]

Call = tuple[Any, ...]


class System(esper.Processor):
    """Base class of systems: an `esper.Processor` that says what it touches.

    Access is declared as annotated attributes (`Read`, `Write`, `Add`). A compiled system has a `kernel` and
    `arguments`; another has `run`. Its arrays are the *join*: where all its components belong to one kind of entity,
    the rows that have all of them, aligned, and in the same order `entity` and `row`. Where they belong to several
    kinds, every array is whole, to be indexed by rows (from a reference field or a resource).

    A kernel is called as ``kernel(tick, *arguments)`` once a tick; once for each stretch of rows, where the join is not
    one stretch.

    Attributes
    ----------
    whole : bool
        Whole arrays even where all components belong to one kind; rows without a component hold its defaults.
    every : int
        For `run`: its turn comes at ticks that are multiples of this.
    entity, row : (n,) int32
        Entity ids and rows of the join.
    """

    kernel: ClassVar[Kernel | None] = None
    accesses: ClassVar[tuple[Access, ...]] = ()
    whole: ClassVar[bool] = False
    every: int = 1
    entity: Rows
    row: Rows
    _world: weakref.ref[World] | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.accesses = declared(cls)
        if "kernel" in cls.__dict__ and cls.kernel is not None:
            cls.kernel = staticmethod(cls.kernel)  # a function in a class would be taken for a method

    # -- to be written by a system --------------------------------------------------------------------------------

    def setup(self) -> None:
        """Prepare what needs the world; called once, when the dispatcher is built. By default nothing."""

    def arguments(self) -> Call:
        """Return what the kernel is given after the tick; called again whenever the structure has changed."""
        raise ScheduleError(f"{type(self).__name__} has a kernel and needs arguments()")

    def run(self) -> None:
        """Do the work of a tick in Python; for systems without a kernel."""
        raise ScheduleError(f"{type(self).__name__} needs a kernel with arguments(), or run()")

    def drain(self) -> None:
        """Take away what the kernel has piled up; called when the native loop has come back. By default nothing."""

    # -- done by the engine ---------------------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The world the system works on."""
        world = self._world() if self._world is not None else None
        if world is None:
            raise ScheduleError(f"{type(self).__name__} is in no world; add it with DispatcherBuilder.add(…)")
        return world

    def attach(self, world: World) -> None:
        """Register what is declared in ``world``, and prepare."""
        if self._world is not None:
            raise ScheduleError(f"this {type(self).__name__} is in a world already; make another one")
        if self.every < 1:
            raise ScheduleError(f"{type(self).__name__}.every is {self.every}; its turn comes every 1 tick or more")
        self._world = weakref.ref(world)  # esper holds the system for as long as the world lives
        self._index, self._clock = world.index, world.clock
        self._calls: list[Call] = []
        self._calls_version = -1
        self._stepped: list[tuple[Kernel, Call]] = []
        self._stepped_version = -1
        for access in self.accesses:
            if issubclass(access.target, Component):
                world.register(access.target)
            else:
                world.resource(access.target)
        self.setup()

    @property
    def compiled(self) -> bool:
        """Whether the work is done by a kernel."""
        return type(self).kernel is not None

    def due(self, tick: int) -> int:
        """Return the first tick from ``tick`` on at which `run` has its turn."""
        return -(-tick // self.every) * self.every

    def calls(self) -> list[Call]:
        """Return the arguments of the kernel, one tuple for each stretch of rows, up to date with the structure."""
        if self._calls_version != self._index.version:
            self.world.reindex()
            self._calls = [self.arguments() for _ in self._stretches()]
            self._calls_version = self._index.version
        return self._calls

    def start(self) -> None:
        """Do the work of a start-up system, once; `run` on whole arrays."""
        if self.kernel is not None:
            self.process()
            return
        self._bind_resources()
        self._bind(self._storages(), slice(None))
        try:
            self.run()
        except Exception as error:
            self._blame(error)
            raise

    def process(self) -> None:
        """Do one tick; called by `esper.process`."""
        tick = self.world.clock.tick if self._world is None else self._clock.tick
        try:
            if self.kernel is not None:
                if self._stepped_version != self._index.version:
                    self._stepped = [(compiled_for(self.kernel, arguments), arguments) for arguments in self.calls()]
                    self._stepped_version = self._index.version
                for function, arguments in self._stepped:
                    function(tick, *arguments)
            elif tick % self.every == 0:
                for _ in self._stretches():
                    self.run()
        except Exception as error:
            self._blame(error)
            raise

    def _blame(self, error: Exception) -> None:
        """Say what was written against its declaration, or that its kernel cannot be compiled, if that is why."""
        if (culprit := blame(self, error)) is not None:
            raise AccessError(type(self).__name__, *culprit) from error
        if isinstance(error, NumbaError):
            raise kernel_error(self, error) from error

    def _stretches(self) -> Iterator[None]:
        """Bind the declared access to each stretch of rows of the join in turn."""
        self._bind_resources()
        storages = self._storages()
        tables = {id(s.table): s.table for s in storages.values()}
        if self.whole or len(tables) != 1:
            self._bind(storages, slice(None))
            yield
            return
        table = next(iter(tables.values()))
        for start, stop in stretches([s.mask for s in storages.values()], len(table)):
            stretch = slice(start, stop)
            self._bind(storages, stretch)
            kind = next(iter(storages.values())).component.kind
            self.entity = table.entity(kind)[stretch]
            self.row = np.arange(start, stop, dtype=np.int32)
            yield

    def _storages(self) -> dict[str, VecStorage[Any]]:
        world = self.world
        return {a.attribute: world.storage(a.target) for a in self.accesses if issubclass(a.target, Component)}

    def _bind_resources(self) -> None:
        for access in self.accesses:
            if issubclass(access.target, Resource):
                setattr(self, access.attribute, self.world.resource(access.target))

    def _bind(self, storages: dict[str, VecStorage[Any]], rows: slice) -> None:
        modes = {access.attribute: access.mode for access in self.accesses}
        for attribute, storage in storages.items():
            arrays = {name: array[rows] for name, array in storage.array.items()}
            if modes[attribute] == "reads":
                for array in arrays.values():
                    array.flags.writeable = False
            setattr(self, attribute, Arrays(storage.component, arrays))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def stretches(masks: list[NDArray[np.bool_] | None], n_rows: int) -> list[tuple[int, int]]:
    """Return where the runs of rows that are in every mask start and stop.

    >>> stretches([np.array([True, True, False, True]), None], 4)
    [(0, 2), (3, 4)]
    """
    given = [mask for mask in masks if mask is not None]
    if not given:
        return [(0, n_rows)] if n_rows else []
    joined = np.logical_and.reduce(given)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], joined, [False]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
