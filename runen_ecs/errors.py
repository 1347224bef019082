"""Every error of the project: what is wrong, where, the choices, and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "AccessError",
    "ComponentError",
    "DivergenceError",
    "EntityError",
    "FieldError",
    "FileError",
    "RunenError",
    "ScheduleError",
    "StructureError",
    "choices",
]


def choices(name: str, known: Iterable[str]) -> str:
    """Say which names there are, the nearest to ``name`` first: ``did you mean 'level'? choices: level, maximum``."""
    names = list(known)
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}choices: {', '.join(names) or 'none'}"


class RunenError(Exception):
    """Base class of every error that this project raises.

    Attributes
    ----------
    exit_code : int
        What a command that ends with it returns: 2 for a mistake in the command, 3 in a scenario, 4 for a failed run.
    """

    exit_code = 4


class ComponentError(RunenError, TypeError):
    """A component is declared or used in a way that it does not allow."""

    def __init__(self, component: str, problem: str) -> None:
        super().__init__(f"{component}: {problem}")
        self.component = component
        self.problem = problem


class FieldError(RunenError, AttributeError):
    """A component has no field of that name."""

    def __init__(self, component: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"{component} has no field {name!r}; {choices(name, known)}")
        self.component = component
        self.field = name


class EntityError(RunenError, KeyError):
    """An entity is not there, or is not what it should be."""

    def __init__(self, entity: int, problem: str) -> None:
        super().__init__(f"entity {entity}: {problem}")
        self.entity = entity
        self.problem = problem

    def __str__(self) -> str:  # KeyError would print the repr
        return str(self.args[0])


class AccessError(RunenError, PermissionError):
    """A system wrote what it declared as `Read`."""

    def __init__(self, system: str, component: str, attribute: str) -> None:
        super().__init__(
            f"{system} writes {component}, which it declares as Read; "
            f"declare `{attribute}: Write[{component}]`, or leave the array as it is"
        )
        self.system = system
        self.component = component
        self.attribute = attribute


class ScheduleError(RunenError, ValueError):
    """The systems cannot be put in one order: an unknown name, a cycle, or an ambiguity."""

    def __init__(self, problem: str, systems: tuple[str, ...] = (), component: str | None = None) -> None:
        super().__init__(problem)
        self.systems = systems
        self.component = component


class StructureError(RunenError, RuntimeError):
    """Entities are created, connected or deleted in a way, or at a time, that is not possible."""


class DivergenceError(RunenError, ArithmeticError):
    """A state ran away or became NaN."""

    def __init__(self, neuron: int, entity: int, component: str, value: float, tick: int) -> None:
        super().__init__(
            f"neuron {neuron} (entity {entity}): {component} is {value} at tick {tick}; the run is stopped here. "
            "Check the parameters that drive it: cell, input, weights"
        )
        self.neuron = neuron
        self.entity = entity
        self.component = component
        self.value = value
        self.tick = tick


class FileError(RunenError, OSError):
    """A file cannot be read or written."""

    exit_code = 2

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = str(path)
        self.problem = problem

    def __str__(self) -> str:
        return str(self.args[0])
