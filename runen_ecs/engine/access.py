"""Declared access: what a system reads, writes and adds to, as typed attributes.

>>> class Regeneration(System):  # doctest: +SKIP
...     capacity: Write[Capacity]
...     clock: Read[Clock]

A type checker knows ``self.capacity.level`` as an array of float64 and ``self.clock`` as the resource.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast, get_args, get_origin, get_type_hints, overload

from ..errors import ScheduleError
from .component import Component
from .resource import Resource

__all__ = ["Access", "Add", "Mode", "Read", "Write", "conflict", "declared"]

C = TypeVar("C", bound=Component)
R = TypeVar("R", bound=Resource)
T = TypeVar("T", bound=Component | Resource)
Mode = Literal["reads", "writes", "adds"]


UNBOUND = "declared access is bound when the system is added to a world"


# The three are alike, and not derived from one another, because a type checker looks for the kind of target (component
# or resource) only among overloads of the class itself.


class Read(Generic[T]):
    """Read access: the arrays of a component, read-only, or a resource."""

    mode: Mode = "reads"

    @overload
    def __get__(self: Read[R], system: Any, owner: type) -> R: ...
    @overload
    def __get__(self: Read[C], system: Any, owner: type) -> type[C]: ...
    def __get__(self, system: Any, owner: type) -> Any:
        raise AttributeError(UNBOUND)


class Write(Generic[T]):
    """Read and write access."""

    mode: Mode = "writes"

    @overload
    def __get__(self: Write[R], system: Any, owner: type) -> R: ...
    @overload
    def __get__(self: Write[C], system: Any, owner: type) -> type[C]: ...
    def __get__(self, system: Any, owner: type) -> Any:
        raise AttributeError(UNBOUND)


class Add(Generic[T]):
    """Scatter-add: only ``+=``, on any rows. Several systems may add to one component without a conflict.

    They run in the order in which they were added to the dispatcher, so that sums are always taken in one order.
    """

    mode: Mode = "adds"

    @overload
    def __get__(self: Add[R], system: Any, owner: type) -> R: ...
    @overload
    def __get__(self: Add[C], system: Any, owner: type) -> type[C]: ...
    def __get__(self, system: Any, owner: type) -> Any:
        raise AttributeError(UNBOUND)


@dataclass(frozen=True)
class Access:
    """One declared access of a system."""

    attribute: str
    mode: Mode
    target: type[Component] | type[Resource]


def declared(system: type) -> tuple[Access, ...]:
    """Return what a system class declares, in order of declaration, its bases first."""
    found = []
    for attribute, hint in get_type_hints(system).items():
        origin = get_origin(hint)
        if origin in (Read, Write, Add):
            target = get_args(hint)[0]
            if not (isinstance(target, type) and issubclass(target, Component | Resource)):
                problem = f"{system.__name__}.{attribute}: {target} is neither a Component nor a Resource"
                raise ScheduleError(problem, (system.__name__,))
            found.append(Access(attribute, cast("Mode", origin.mode), get_args(hint)[0]))
    return tuple(found)


def conflict(a: tuple[Access, ...], b: tuple[Access, ...]) -> type | None:
    """Return a component or resource that two systems touch, at least one writing, unless both only add."""
    for x in a:
        for y in b:
            if x.target is y.target and not (x.mode == y.mode and x.mode in ("reads", "adds")):
                return x.target
    return None
