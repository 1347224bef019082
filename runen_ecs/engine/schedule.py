"""The plan of a tick: systems by name, their declared order, and the conflicts that would make it ambiguous."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import ScheduleError, choices
from .access import conflict
from .system import System

__all__ = ["Entry", "Plan", "make_plan"]


@dataclass(frozen=True)
class Entry:
    """One system with its name and what it must run after and before."""

    name: str
    system: System
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Systems in the order in which they run, and the stages they fall into.

    Attributes
    ----------
    entries : tuple of Entry
        In the order in which they run.
    stages : tuple of tuple of str
        Names; the systems of one stage do not touch what another of it writes.
    """

    entries: tuple[Entry, ...]
    stages: tuple[tuple[str, ...], ...]

    def __getitem__(self, name: str) -> System:
        for entry in self.entries:
            if entry.name == name:
                return entry.system
        raise ScheduleError(f"no system is called {name!r}; {choices(name, self.names)}", (name,))

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order in which the systems run."""
        return tuple(entry.name for entry in self.entries)

    @property
    def systems(self) -> tuple[System, ...]:
        """The systems, in the order in which they run."""
        return tuple(entry.system for entry in self.entries)


def make_plan(entries: Iterable[Entry]) -> Plan:
    """Order systems.

    Parameters
    ----------
    entries : iterable of Entry
        In the order in which they were added, which decides wherever nothing else does.

    Raises
    ------
    ScheduleError
        For a name used twice, an unknown name, a cycle, or two systems in conflict without a declared order.
    """
    entries = list(entries)
    predecessors = _predecessors(entries)
    order = _sort(entries, predecessors)
    earlier = _all_earlier(order, predecessors)
    for i, entry in enumerate(order):
        for other in order[:i]:
            what = conflict(other.system.accesses, entry.system.accesses)
            if what is not None and other.name not in earlier[entry.name]:
                raise ScheduleError(
                    f"{other.name} and {entry.name} both touch {what.__name__}, at least one writes it, and neither "
                    f"runs after the other; add after=[{other.name!r}] to {entry.name}, or the reverse",
                    (other.name, entry.name),
                    what.__name__,
                )
    level: dict[str, int] = {}
    for entry in order:
        level[entry.name] = 1 + max((level[name] for name in predecessors[entry.name]), default=-1)
    stages = [tuple(n for n in level if level[n] == k) for k in range(max(level.values(), default=-1) + 1)]
    return Plan(tuple(order), tuple(stages))


def _predecessors(entries: list[Entry]) -> dict[str, set[str]]:
    names = [entry.name for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise ScheduleError(f"two systems are called {name!r}; each needs a name of its own", (name,))
    predecessors: dict[str, set[str]] = {name: set() for name in names}
    for entry in entries:
        for keyword, others in (("after", entry.after), ("before", entry.before)):
            for other in others:
                if other not in predecessors:
                    raise ScheduleError(
                        f"{entry.name} is to run {keyword} {other!r}, but no system is called that; "
                        f"{choices(other, names)}",
                        (entry.name, other),
                    )
        predecessors[entry.name].update(entry.after)
        for other in entry.before:
            predecessors[other].add(entry.name)
    return predecessors


def _sort(entries: list[Entry], predecessors: dict[str, set[str]]) -> list[Entry]:
    order: list[Entry] = []
    waiting = list(entries)
    while waiting:
        done = {entry.name for entry in order}
        ready = next((entry for entry in waiting if predecessors[entry.name] <= done), None)
        if ready is None:
            cycle = _cycle({entry.name for entry in waiting}, predecessors)
            story = ", which must run after ".join(cycle[1:])
            raise ScheduleError(
                f"{cycle[0]} must run after {story}: a circle. Take one `after` or `before` out", tuple(cycle)
            )
        waiting.remove(ready)
        order.append(ready)
    return order


def _cycle(names: set[str], predecessors: dict[str, set[str]]) -> list[str]:
    path = [min(names)]
    while path[-1] not in path[:-1]:
        path.append(min(predecessors[path[-1]] & names))
    return path[path.index(path[-1]) :]


def _all_earlier(order: list[Entry], predecessors: dict[str, set[str]]) -> dict[str, set[str]]:
    earlier: dict[str, set[str]] = {}
    for entry in order:
        earlier[entry.name] = set(predecessors[entry.name])
        for name in predecessors[entry.name]:
            earlier[entry.name] |= earlier[name]
    return earlier
