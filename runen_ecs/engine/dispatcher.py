"""The dispatcher: runs a plan, tick by tick through esper or many ticks at a time in one compiled loop; same bits."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from itertools import groupby
from time import perf_counter
from typing import Any

import esper
from numba.core.errors import NumbaError

from ..errors import AccessError, ScheduleError
from .blame import blame, find_culprit, kernel_error
from .compile import Kernel
from .native import is_cached, join_kernels
from .resource import Interrupt
from .schedule import Entry, Plan, make_plan
from .system import System
from .world import World

__all__ = ["Dispatcher", "DispatcherBuilder", "Watch"]

Watch = Callable[[int], bool]

PRIORITY_STEP = 100
LOOK_EVERY_S = 0.05
MOST_STRETCHES = 8


class _BeginTick(esper.Processor):
    """Apply what waits for the end of a tick, and move the clock on."""

    def __init__(self, world: World) -> None:
        self.world = weakref.proxy(world)
        self.clock = world.clock

    def process(self) -> None:
        self.clock.in_tick = False  # a tick that failed has left it on
        self.world.maintain()
        self.clock.tick += 1
        self.clock.in_tick = True


class _EndTick(esper.Processor):
    """Allow changes of structure again, and take away what kernels have piled up if one has asked for it."""

    def __init__(self, world: World, systems: Sequence[System]) -> None:
        self.clock = world.clock
        self.interrupt = world.resource(Interrupt)
        self.systems = systems

    def process(self) -> None:
        self.clock.in_tick = False
        if self.interrupt.requested[0]:
            drain(self.interrupt, self.systems)


def drain(interrupt: Interrupt, systems: Sequence[System]) -> None:
    """Let every system take away what its kernel has piled up."""
    interrupt.requested[0] = 0
    interrupt.answered += 1
    for system in systems:
        system.drain()


class DispatcherBuilder:
    """Collects systems by name with their order; `build` checks it all and puts them into a world.

    >>> dispatcher = (
    ...     DispatcherBuilder()
    ...     .add(Firing(), "firing")
    ...     .add(SignalPropagation(), "signal_propagation", after=["firing"])
    ...     .build(world)
    ... )  # doctest: +SKIP
    """

    def __init__(self) -> None:
        self._start_up: list[Entry] = []
        self._entries: list[Entry] = []

    def add(
        self, system: System, name: str, after: str | Sequence[str] = (), before: str | Sequence[str] = ()
    ) -> DispatcherBuilder:
        """Add a system to the tick.

        Parameters
        ----------
        system : System
            An instance that is in no world yet.
        name : str
            What other systems, messages and the printed plan call it.
        after, before : str, or sequence of str
            Names of systems that it must run after or before.
        """
        self._entries.append(Entry(name, system, _names(after), _names(before)))
        return self

    def add_start_up(self, system: System, name: str, after: str | Sequence[str] = ()) -> DispatcherBuilder:
        """Add a system that runs once, before the first tick; its `run` may change the structure at once."""
        self._start_up.append(Entry(name, system, _names(after)))
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the systems of the tick so far, in the order in which they were added."""
        return tuple(entry.name for entry in self._entries)

    @property
    def start_up_names(self) -> tuple[str, ...]:
        """Names of the start-up systems so far."""
        return tuple(entry.name for entry in self._start_up)

    def build(self, world: World) -> Dispatcher:
        """Order the systems and attach them to a world.

        Raises
        ------
        ScheduleError
            For an unknown name, a cycle, or two systems in conflict without an order.
        """
        return Dispatcher(world, *self.plans())

    def plans(self) -> tuple[Plan, Plan]:
        """Return the start-up plan and the plan of a tick, in order and checked, without a world."""
        return make_plan(self._start_up), make_plan(self._entries)


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


class Dispatcher:
    """A plan in a world.

    Attributes
    ----------
    start_up, plan : Plan
        What runs once, and what runs each tick.
    """

    def __init__(self, world: World, start_up: Plan, plan: Plan) -> None:
        self.world = world
        self.start_up = start_up
        self.plan = plan
        self._started = False
        with world.active():
            if any(isinstance(processor, _BeginTick) for processor in esper._processors):
                raise ScheduleError(f"{world!r} has a dispatcher already; a world has one, with all its systems")
            for entry in (*start_up.entries, *plan.entries):
                entry.system.attach(world)
            top = PRIORITY_STEP * (len(plan.entries) + 1)
            esper.add_processor(_BeginTick(world), top)
            for number, system in enumerate(plan.systems, start=1):
                esper.add_processor(system, top - number * PRIORITY_STEP)
            esper.add_processor(_EndTick(world, plan.systems), 0)

    def compiled_before(self) -> bool:
        """Whether the native loop will load and not compile."""
        self.start()
        kernels, n_arguments, _ = self._join([system for system in self.plan.systems if system.compiled])
        return is_cached(kernels, n_arguments)

    def priority(self, name: str) -> int:
        """Return the esper priority of a system; a processor of a higher one, by less than 100, runs just before it."""
        return self.plan[name].priority

    def start(self) -> None:
        """Run the start-up systems; done by the first `run`, and never twice."""
        if not self._started:
            self._started = True
            with self.world.active():
                for system in self.start_up.systems:
                    system.start()
            self.world.maintain()

    def run(self, ticks: int, *, stepped: bool = False, watch: Watch | None = None) -> int:
        """Run ticks.

        Parameters
        ----------
        ticks : int
            How many.
        stepped : bool
            Through `esper.process`, one by one. So it is also when the world has processors that are no `System`.
        watch : callable, optional
            Called with the tick about 20 times a second, and whenever a kernel has asked for Python; returning True
            ends the run after that tick.

        Returns
        -------
        int
            How many ticks have run.
        """
        if ticks < 0:
            raise ScheduleError(f"cannot run {ticks} ticks")
        self.start()
        world, first = self.world, self.world.tick
        with world.active():
            foreign = any(not isinstance(p, System | _BeginTick | _EndTick) for p in esper._processors)
            way = self._run_stepped if stepped or foreign else self._run_native
            try:
                way(first + ticks, watch or (lambda tick: False))
            except (NumbaError, ValueError) as error:
                self._blame(error)
                raise
            finally:
                world.clock.in_tick = False
                drain(world.resource(Interrupt), self.plan.systems)
        return world.tick - first

    def _run_stepped(self, last: int, watch: Watch) -> None:
        clock, interrupt = self.world.clock, self.world.resource(Interrupt)
        looked, answered = perf_counter(), interrupt.answered
        while clock.tick < last:
            esper.process()
            if interrupt.answered != answered or perf_counter() - looked > LOOK_EVERY_S:
                looked, answered = perf_counter(), interrupt.answered
                if watch(clock.tick):
                    break

    def _run_native(self, last: int, watch: Watch) -> None:
        clock, interrupt = self.world.clock, self.world.resource(Interrupt)
        requested = interrupt.requested
        systems = [processor for processor in esper._processors if isinstance(processor, System)]
        python = [system for system in systems if not system.compiled]
        compiled = [system for system in systems if system.compiled]
        segments = [list(group) for _, group in groupby(systems, key=lambda system: system.compiled)]
        stretch = 1
        while clock.tick < last:
            self.world.maintain()
            due = min((system.due(clock.tick + 1) for system in python), default=last + 1)
            began, before = perf_counter(), clock.tick
            kernels, n_arguments, arguments = self._join(compiled)
            if len(kernels) > len(compiled) + MOST_STRETCHES:  # a loop of so many calls would take long to compile
                esper.process()
            elif due > clock.tick + 1:
                joined = join_kernels(kernels, n_arguments)
                clock.tick = int(joined(clock.tick, min(last, due - 1, clock.tick + stretch), requested, *arguments))
            else:
                self._run_segments(segments)
            if requested[0]:
                drain(interrupt, systems)
            elapsed = max(perf_counter() - began, 1e-9)
            stretch = max(1, min(int((clock.tick - before) * LOOK_EVERY_S / elapsed), 4 * stretch))
            if watch(clock.tick):
                break

    def _run_segments(self, segments: list[list[System]]) -> None:
        """Run one tick in which Python systems have their turn."""
        world, requested = self.world, self.world.resource(Interrupt).requested
        world.clock.tick += 1
        world.clock.in_tick = True
        for systems in segments:
            if systems[0].compiled:
                kernels, n_arguments, arguments = self._join(systems)
                join_kernels(kernels, n_arguments)(world.tick - 1, world.tick, requested, *arguments)
            else:
                for system in systems:
                    system.process()
        world.clock.in_tick = False

    def _join(self, systems: list[System]) -> tuple[tuple[Kernel, ...], tuple[int, ...], list[Any]]:
        """Return the kernels to join, how many arguments each takes, and these one after another."""
        kernels: list[Kernel] = []
        n_arguments: list[int] = []
        arguments: list[Any] = []
        for system in systems:
            kernel = type(system).kernel
            assert kernel is not None
            for call in system.calls():
                kernels.append(kernel)
                n_arguments.append(len(call))
                arguments += call
        return tuple(kernels), tuple(n_arguments), arguments

    def _blame(self, error: Exception) -> None:
        """Say which system made the joined loop fail, if it broke its declaration or cannot be compiled."""
        system = find_culprit([system for system in self.plan.systems if system.compiled], error)
        culprit = blame(system, error) if system is not None else None
        if system is not None and culprit is not None:
            raise AccessError(type(system).__name__, *culprit) from error
        if system is not None and isinstance(error, NumbaError):
            raise kernel_error(system, error) from error

    def __repr__(self) -> str:
        return f"<Dispatcher of {self.world!r}: {' → '.join(self.plan.names)}>"
