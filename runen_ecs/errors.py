"""Every error of the project: what is wrong, where, the choices, and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "AccessError",
    "AlreadyFreeError",
    "ClosedLoopError",
    "ComponentError",
    "ConnectivityError",
    "DendriteNotFoundError",
    "DistributionError",
    "DivergenceError",
    "DuplicateNeuronError",
    "EntityError",
    "FieldError",
    "FileError",
    "KernelError",
    "LearningError",
    "NetworkError",
    "NeuronNotFoundError",
    "PortBusyError",
    "PortNotFoundError",
    "RegenerationError",
    "RunenError",
    "ScheduleError",
    "SelectionError",
    "StructureError",
    "SynapseBusyError",
    "TimeError",
    "choices",
]

MOST_SHOWN = 20
MOST_COMPARED = 10_000


def choices(name: str, known: Iterable[str]) -> str:
    """Say which names there are, the nearest to ``name`` first: ``did you mean 'level'? choices: level, maximum``."""
    names = list(known)
    near = get_close_matches(name, names[:MOST_COMPARED], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    more = f" … ({len(names) - MOST_SHOWN:,} more)" if len(names) > MOST_SHOWN else ""
    return f"{hint}choices: {', '.join(map(_shown, names[:MOST_SHOWN])) or 'none'}{more}"


def _shown(name: str) -> str:
    return name if name and name == name.strip() and name.isprintable() else repr(name)


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


class KernelError(RunenError, TypeError):
    """A kernel cannot be compiled."""

    def __init__(self, system: str, kernel: str, place: str, problem: str) -> None:
        super().__init__(f"{place}: the kernel {kernel} of {system} cannot be compiled: {problem}")
        self.system = system
        self.kernel = kernel
        self.place = place
        self.problem = problem


class ScheduleError(RunenError, ValueError):
    """The systems cannot be put in one order: an unknown name, a cycle, or an ambiguity."""

    def __init__(self, problem: str, systems: tuple[str, ...] = (), component: str | None = None) -> None:
        super().__init__(problem)
        self.systems = systems
        self.component = component


class StructureError(RunenError, RuntimeError):
    """Entities are created, connected or deleted in a way, or at a time, that is not possible."""


class TimeError(RunenError, ValueError):
    """A time is no multiple of the tick, or comes in the wrong order."""

    exit_code = 3


class DistributionError(RunenError, ValueError):
    """A distribution has parameters that it cannot have."""


class LearningError(RunenError, ValueError):
    """A learning rule has parameters that it cannot have."""


class ConnectivityError(RunenError, ValueError):
    """A rule of connection cannot be carried out."""

    exit_code = 3


class DivergenceError(RunenError, ArithmeticError):
    """A state ran away or became NaN.

    Attributes
    ----------
    kind : str
        "neuron" or "synapse".
    number, entity : int
        Which: by order of creation from 0, and as an entity; of a weight, its dendrite.
    component : str
        Component and field.
    value : float
    tick : int
        When it was noticed.
    every : int
        How many ticks at most it was lost before; 1: it was lost in that tick.
    """

    def __init__(
        self, kind: str, number: int, entity: int, component: str, value: float, tick: int, every: int = 1
    ) -> None:
        noticed = f", where it was noticed: it is looked at every {every:,} ticks" if every > 1 else ""
        super().__init__(
            f"{kind} {number} (entity {entity}): {component} is {value} at tick {tick}{noticed}; "
            "the run is stopped here. Check the parameters that drive it: cell, input, weights"
        )
        self.kind = kind
        self.number = number
        self.entity = entity
        self.component = component
        self.value = value
        self.tick = tick
        self.every = every


class FileError(RunenError, OSError):
    """A file cannot be read or written."""

    exit_code = 2

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = str(path)
        self.problem = problem

    def __str__(self) -> str:
        return str(self.args[0])


class NetworkError(RunenError, ValueError):
    """Neurons, synapses and ports cannot be wired like this; what was refused has changed nothing."""

    exit_code = 3


class NeuronNotFoundError(NetworkError):
    """No neuron has that id."""

    def __init__(self, neuron: str, known: Iterable[str]) -> None:
        super().__init__(f"no neuron is called {neuron!r}")
        self.neuron = neuron
        self.known = known

    def __str__(self) -> str:  # not before, because to look for the nearest of many names takes long
        return f"{self.args[0]}; {choices(self.neuron, self.known)}"


class DuplicateNeuronError(NetworkError):
    """Two neurons cannot have the same id."""

    def __init__(self, neuron: str) -> None:
        super().__init__(f"a neuron is called {neuron!r} already; each needs an id of its own")
        self.neuron = neuron


class DendriteNotFoundError(NetworkError):
    """A neuron has no input of that number."""

    def __init__(self, neuron: str, index: int, n_inputs: int) -> None:
        known = "one input, number 0" if n_inputs == 1 else f"{n_inputs} inputs, 0 to {n_inputs - 1}"
        super().__init__(f"neuron {neuron!r} has no input {index}; it has {known}")
        self.neuron = neuron
        self.index = index
        self.n_inputs = n_inputs


class SynapseBusyError(NetworkError):
    """The synapse is fed already."""

    def __init__(self, neuron: str, index: int, feeder: str) -> None:
        super().__init__(
            f"input {index} of neuron {neuron!r} is fed by {feeder} already; free it, or take another input"
        )
        self.neuron = neuron
        self.index = index
        self.feeder = feeder


class PortBusyError(NetworkError):
    """The port is bound already."""

    def __init__(self, port: int, kind: str, user: str) -> None:
        super().__init__(f"{kind} port {port} is bound to {user} already; free it, or take another port")
        self.port = port
        self.kind = kind
        self.user = user


class ClosedLoopError(NetworkError):
    """A neuron can feed itself once, and only if it has another input."""

    def __init__(self, neuron: str, problem: str) -> None:
        super().__init__(f"neuron {neuron!r} cannot be connected to itself: {problem}")
        self.neuron = neuron
        self.problem = problem


class PortNotFoundError(NetworkError):
    """No port has that number."""

    def __init__(self, port: int, known: Iterable[int], kind: str = "input") -> None:
        numbers = sorted(known)
        shown = ", ".join(map(str, numbers[:MOST_SHOWN])) + (" …" if len(numbers) > MOST_SHOWN else "")
        super().__init__(f"there is no {kind} port {port}; choices: {shown or 'none'}")
        self.port = port
        self.kind = kind


class AlreadyFreeError(NetworkError):
    """What is to be freed is free."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is free already")
        self.what = what


class RegenerationError(NetworkError):
    """A synapse cannot regenerate more than it can hold."""

    def __init__(self, regeneration: float, maximum: float) -> None:
        super().__init__(
            f"regeneration {regeneration:.16g} is above the maximum {maximum:.16g}; it must be at most that"
        )
        self.regeneration = regeneration
        self.maximum = maximum


class SelectionError(RunenError, ValueError):
    """A selection of neurons, or of synapses, names what is not there."""

    exit_code = 3

    def __init__(self, selection: str, problem: str) -> None:
        super().__init__(f"{selection!r}: {problem}")
        self.selection = selection
        self.problem = problem
