"""Events of a scenario: what is done to the network at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from numbers import Real
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from runen_ecs.components import SYNAPSE, ActionPotential, Silenced, Source, SpikeTrain, SynapticInput, Target
from runen_ecs.distributions import Uniform, sample
from runen_ecs.engine import Component, Rows, System, World
from runen_ecs.engine.dispatcher import Dispatcher
from runen_ecs.errors import ComponentError, RunenError
from runen_ecs.network import Populations, Selection
from runen_ecs.systems import CurrentInput
from runen_ecs.systems.projection_layout import project
from runen_ecs.waveforms import pulse

from ..quantities import Length, Potential, Ticks
from ..table import OrFalse, Table
from .inputs import targets_of
from .numbers import NumberError, parse_number
from .places import Place, check_projections
from .projections import Projection
from .typed import Selections

__all__ = ["Event", "EventError", "Occasion", "name_of"]

Share = Annotated[float, Field(ge=0, le=1, description="of those chosen; which is a function of the seed")]
KINDS = ("set", "cut", "connect", "remove", "silence", "inject", "change")
CURRENT = "value"
LAST_TICK = 2**31 - 1
FIXED = ("rule", "looks_every", "kept", "number")  # numbers of a system that say how it fits in, and not what it does
CLOSED = {  # components that no event can set, and why
    ActionPotential.__name__: "who fires is told anew in each tick, so it cannot be set; see silence and inject",
    SpikeTrain.__name__: "a spike train says where a list begins and ends; it cannot be set",
    SynapticInput.__name__: "input is summed up anew in each tick, so it cannot be set; see inject",
}
LOWEST = {  # of parameters of systems: the least value, and whether it may be that itself
    "amplitude": (0.0, True),
    "a_plus": (0.0, True),
    "a_minus": (0.0, True),
    "tau_plus": (0.0, False),
    "tau_minus": (0.0, False),
    "horizon": (0.0, False),
    "limit": (0.0, False),
    "sd": (0.0, True),
    "substeps": (1.0, True),
    "time_scale": (0.0, False),
}


class EventError(RunenError):
    """What an event was to do cannot be done; the run ends before the tick that it was due."""


def _value(raw: Any) -> Any:
    try:
        number = parse_number(raw)
    except NumberError as error:
        raise PydanticCustomError("number", "{problem}", {"problem": str(error)}) from None
    if number.names - {CURRENT}:
        problem = f"no number is called {min(number.names - {CURRENT})!r} here; {CURRENT!r} is what it was before"
        raise PydanticCustomError("number", "{problem}", {"problem": problem})
    return raw


class Set(Place):
    """Give a field of a component another value."""

    known_projections: ClassVar = "all_projections"

    value: Annotated[Any, BeforeValidator(_value)] = Field(description='a number, a distribution, or "0.5 * value"')

    @model_validator(mode="after")
    def _may_be_set(self, info: ValidationInfo) -> Set:
        name = self.field.partition(".")[0]
        if name in CLOSED:
            raise PydanticCustomError("field", "{problem}", {"problem": CLOSED[name]})
        if (own := (info.context or {}).get("components", {})) is None:
            return self  # it may be of an extension, of which it is told that it cannot be loaded
        component, field = self.found(own)
        whole = component.fields[field].dtype.kind != "f"
        if whole and isinstance(number := parse_number(self.value).source, float) and number % 1:
            words = {"field": self.field, "value": f"{number:g}"}
            raise PydanticCustomError("field", "{field} takes whole numbers, not {value}", words)
        return self


class Cut(Table):
    """Take synapses out."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    projection: str | list[str] = Field(default="all", description="those of projections, by name")
    source: Selections = Field(default=(Selection(),), alias="from", description="of them those from these neurons")
    target: Selections = Field(default=(Selection(),), alias="to", description="of them those to these neurons")
    share: Share = 1.0

    @model_validator(mode="after")
    def _is_there(self, info: ValidationInfo) -> Cut:
        check_projections(self.names, (info.context or {}).get("all_projections"))
        return self

    @property
    def names(self) -> list[str]:
        """The projections."""
        return [self.projection] if isinstance(self.projection, str) else self.projection


class Remove(Table):
    """Take neurons out, with all their synapses: a lesion."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    of: Selections = Field(description="which neurons")
    share: Share = 1.0


class Silence(Table):
    """Let neurons not fire for a while."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    of: Selections = Field(description="which neurons")
    duration: Length = Field(alias="for", description="how long")


class Inject(Table):
    """Inject a current for a while."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    of: Selections = Field(description="which neurons")
    current: Potential = Field(description="[mV]")
    duration: Length = Field(alias="for", description="how long")


class Change(Table):
    """Give a parameter of a system another value: learning off, more noise."""

    system: str = Field(description="name of the system, as `runen schedule` prints it")
    parameter: str
    value: float

    @staticmethod
    def parameters(system: System) -> list[str]:
        """Return the names of the parameters of a system that may be changed: numbers, those of the plan aside."""
        given = {name: value for name, value in vars(system).items() if not name.startswith("_")}
        numbers = [k for k, v in given.items() if isinstance(v, Real) and not isinstance(v, bool)]
        return [name for name in numbers if name not in FIXED]

    def problem(self, system: System) -> str | None:
        """Say what is wrong with the value, if anything is."""
        if isinstance(getattr(system, self.parameter), int) and self.value % 1:
            return f"must be a whole number, not {self.value:g}"
        low, itself = LOWEST.get(self.parameter, (-inf, True))
        if self.value < low or (self.value == low and not itself):
            return f"must be {'at least' if itself else 'greater than'} {low:g}, not {self.value:g}"
        return None

    def apply(self, system: System) -> None:
        """Give the parameter its value."""
        kind = int if isinstance(getattr(system, self.parameter), int) else float
        setattr(system, self.parameter, kind(self.value))


class Event(Table):
    """Something that is done at a time, before the tick that begins then."""

    at: Ticks = Field(description="when")
    set: OrFalse[Set] = Field(default=None, description="give a field of a component another value")
    cut: OrFalse[Cut] = Field(default=None, description="take synapses out")
    connect: OrFalse[Projection] = Field(default=None, description="add synapses: a projection")
    remove: OrFalse[Remove] = Field(default=None, description="take neurons out")
    silence: OrFalse[Silence] = Field(default=None, description="let neurons not fire for a while")
    inject: OrFalse[Inject] = Field(default=None, description="inject a current for a while")
    change: OrFalse[Change] = Field(default=None, description="give a parameter of a system another value")

    @model_validator(mode="after")
    def _is_one(self) -> Event:
        given = [key for key in KINDS if getattr(self, key) is not None]
        if len(given) != 1:
            words = {"kinds": ", ".join(KINDS), "given": " and ".join(given) or "none"}
            raise PydanticCustomError("event", "needs one of {kinds}, not {given}", words)
        return self

    def system(self, dt: float) -> System | None:
        """Return the system that an event needs in the plan: that which injects."""
        if self.inject is None:
            return None
        start, stop = self.at * dt, (self.at + self.inject.duration) * dt
        return CurrentInput(pulse(start, stop, self.inject.current), targets_of(self.inject.of))

    def apply(self, number: int, occasion: Occasion) -> None:
        """Do it, between two ticks; ``number`` says which event of the scenario it is, and what its draws are for.

        Raises
        ------
        EventError
            If it cannot be done.
        """
        try:
            self._apply(name_of(number), occasion, occasion.world)
        except RunenError as error:
            raise EventError(f"events.{number} at {self.at * occasion.world.clock.dt:g} ms: {error}") from None

    def _apply(self, name: str, occasion: Occasion, world: World) -> None:
        populations = world.resource(Populations)
        if self.set is not None:
            _set(self.set, name, occasion)
        elif self.cut is not None:
            world.delete_entities(_some(_cut(self.cut, world), self.cut.share, world.seed, name).tolist())
        elif self.connect is not None:
            rule = occasion.rules.get(self.connect.learning, -1) if occasion.rules else None
            project(world, self.connect.laid(name, world.seed, world.clock.dt, rule))
        elif self.remove is not None:
            _remove(_some(populations.select(world, *self.remove.of), self.remove.share, world.seed, name), world)
        elif self.silence is not None:
            _silence(populations.select(world, *self.silence.of), self.at + self.silence.duration, world)
        elif self.change is not None:
            self.change.apply(occasion.dispatcher.plan[self.change.system])
            world.index.version += 1
        world.maintain()


def name_of(number: int) -> str:
    """Return what an event's draws are for, and what the synapses that it adds are called."""
    return f"event/{number}"


@dataclass(frozen=True)
class Occasion:
    """What an event works on.

    Attributes
    ----------
    world : World
    dispatcher : Dispatcher
    components : mapping of str to type
        Those of extensions.
    rules : mapping of str to int
        Number of each learning rule; empty when there are no rules for chosen synapses.
    """

    world: World
    dispatcher: Dispatcher
    components: Mapping[str, type[Component]]
    rules: Mapping[str | None, int]


def _set(change: Set, name: str, occasion: Occasion) -> None:
    world = occasion.world
    component, field = change.found(occasion.components)
    entities, storage = change.entities(world, component), world.storage(component)
    row, number = world.index.row[entities], parse_number(change.value)
    values = number.values(world.seed, name, row.size, {CURRENT: storage.array[field][row].astype(np.float64)})
    storage.set_many(field, row, _typed(values, component, field))


def _typed(values: NDArray[np.float64], component: type[Component], field: str) -> NDArray[Any]:
    """Return values as a field takes them, whole ones where it does; what it has no room for is refused."""
    declared = component.fields[field].dtype
    if declared.kind == "f":
        return values
    least, most = (0, 1) if declared.kind == "b" else (np.iinfo(declared).min, np.iinfo(declared).max)
    whole = np.rint(values)
    for value in whole[(whole < least) | (whole > most)][:1].tolist():
        raise ComponentError(component.__name__, f"{field} must lie in {least} … {most}, not {value:g}")
    return whole.astype(np.bool_ if declared.kind == "b" else np.int64)


def _silence(neurons: Rows, until: int, world: World) -> None:
    """Let neurons not fire up to and with a tick; who is silenced for longer stays so."""
    row, silenced = world.index.row[neurons], world.storage(Silenced)
    earlier = np.where(silenced.present[row], silenced.array["until"][row], 0)
    world.insert_many(neurons, Silenced.batch(until=np.maximum(earlier, min(until, LAST_TICK))))


def _remove(neurons: Rows, world: World) -> None:
    """Delete neurons, and the synapses that their axons feed; their dendrites go with them."""
    synapses, fed = world.entities(SYNAPSE), world.storage(Source).array["neuron"]
    world.delete_entities(synapses[np.isin(fed, world.index.row[neurons])].tolist())
    world.delete_entities(neurons.tolist())


def _cut(cut: Cut, world: World) -> Rows:
    populations = world.resource(Populations)
    synapses = populations.select_synapses(world, cut.names)
    for component, selections in ((Source, cut.source), (Target, cut.target)):
        if selections != (Selection(),):
            neuron = world.storage(component).array["neuron"][world.index.row[synapses]]
            synapses = synapses[np.isin(neuron, world.index.row[populations.select(world, *selections)])]
    return synapses


def _some(entities: Rows, share: float, seed: int, name: str) -> Rows:
    """Return a share of entities, drawn without repeats."""
    order = np.argsort(sample(Uniform(0, 1), seed, f"{name}/share", entities.size), kind="stable")
    return np.asarray(entities[np.sort(order[: round(share * entities.size)])])
