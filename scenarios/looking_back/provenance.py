"""What reaches one neuron, written down while a world runs; the world does not notice."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import esper
import numpy as np

from runen_ecs.components import (
    NEURON,
    SYNAPSE,
    Accumulator,
    Activity,
    Delay,
    LastHit,
    Membrane,
    SynapticInput,
    Target,
    Weight,
)
from runen_ecs.engine import Component, Dispatcher, Entity, System
from runen_ecs.network import Arrivals, Connections, DelayLine, Emissions, Fired, Topology
from runen_ecs.systems import (
    Accumulation,
    AxonalConduction,
    Firing,
    PostsynapticPotential,
    SignalArrival,
    SignalPropagation,
    SynapticTransmission,
)

from .entities import feeder_of, name_of, number_of

__all__ = ["EARLIER", "Arrival", "Provenance", "Round", "Tick", "between_systems"]


EARLIER = "before the branch"


@dataclass(frozen=True)
class Arrival:
    """A signal that reached a neuron.

    Attributes
    ----------
    synapse : int
        Its number, by order of creation.
    source : str
        ``neuron:40``, ``input-port:0``; "nobody", if the synapse was cut meanwhile; `EARLIER`, with synapse -1, if it
        was on its way before a branch began.
    sent, arrived : int [tick]
        One from a port arrives when it comes in.
    size, passed : float
        Of the signal, and what of it the capacity of the synapse let through.
    weight : float
        That acted [mV]: of the tick in which it was sent, if the synapse has no capacity, else of that in which it
        arrived; within the limit of postsynaptic potentials.
    potential : float
        What it added to the input, or to the accumulator: ``passed * weight`` [mV].
    """

    synapse: int
    source: str
    sent: int
    arrived: int
    size: float
    passed: float
    weight: float
    potential: float


@dataclass(frozen=True)
class Round:
    """A round of a neuron that accumulates, which ended in a reset.

    Attributes
    ----------
    size : float
        What was sent; nothing, if it is not positive.
    start : float
        What it began from: the bias, or what else the accumulator was set to.
    arrivals : tuple of Arrival
        ``size`` is ``start`` and their potentials, one after another.
    repeated : Arrival or None
        The signal that ended it, by hitting an input once more; it belongs to the next round. None: all were hit.
    """

    size: float
    start: float
    arrivals: tuple[Arrival, ...]
    repeated: Arrival | None


@dataclass
class Tick:
    """A tick of a neuron.

    Attributes
    ----------
    tick : int
    arrivals : list of Arrival
        In the order in which they were added.
    drives : dict of str to float
        What each other system has added to its input [mV].
    fired : bool
    v_before, v : float
        Membrane potential at the beginning and at the end [mV]; NaN without one.
    rounds : list of Round
        That ended.
    """

    tick: int
    arrivals: list[Arrival] = field(default_factory=list)
    drives: dict[str, float] = field(default_factory=dict)
    fired: bool = False
    v_before: float = np.nan
    v: float = np.nan
    rounds: list[Round] = field(default_factory=list)


class Provenance:
    """Writes down what reaches one neuron, in the ticks that run while it `watches`.

    Of signals that were on their way before the senders are not known: begin early enough.

    Attributes
    ----------
    ticks : list of Tick
    gathering : list of Arrival
        What a neuron that accumulates has gathered in the round that goes on,
    start : float
        and what that began from.
    """

    def __init__(self, dispatcher: Dispatcher, neuron: Entity) -> None:
        self.world, self.dispatcher, self.neuron = dispatcher.world, dispatcher, neuron
        self.ticks: list[Tick] = []
        self.gathering: list[Arrival] = []
        self._sent: defaultdict[int, list[Arrival]] = defaultdict(list)
        self._queued: defaultdict[tuple[int, Entity], deque[tuple[int, str]]] = defaultdict(deque)
        self._now: list[tuple[int, Arrival]] = []
        self._hits: set[int] = set()
        self._n_hits, self.start, self._value = 0, float("nan"), float("nan")
        self._current = 0.0
        self._find_under_way()

    def _find_under_way(self) -> None:
        """Note what is on its way to the neuron already; who sent it, a delay line does not know."""
        line, now = self.world._resources.get(DelayLine), self.world.tick
        if not isinstance(line, DelayLine):
            return
        for ring in (line.pending, *line.signed):
            for tick in range(now + 1, now + 1 + len(ring)) if 0 <= self.row < ring.shape[1] else ():
                if potential := float(ring[tick % len(ring), self.row]):
                    self._sent[tick].append(Arrival(-1, EARLIER, now, tick, 1.0, 1.0, potential, potential))

    @contextmanager
    def watches(self) -> Iterator[None]:
        """Watch while this is open; ticks run stepped meanwhile."""
        entries = self.dispatcher.plan.entries
        jobs = [(entries[0].name, 2, self._begin), (entries[-1].name, -2, self._end)]
        for name, system in ((entry.name, entry.system) for entry in entries):
            if isinstance(system, Accumulation):
                jobs.append((name, 1, self._before_rounds))
            jobs.append((name, -1, self._look_of(name, system)))
        with between_systems(self.dispatcher, jobs):
            yield

    def _look_of(self, name: str, system: System) -> Callable[[], None]:
        """Return what is to be noted after a system."""
        match system:
            case SignalArrival():
                return self._arrive
            case SynapticTransmission():
                return self._transmit
            case PostsynapticPotential():
                return partial(self._act, system)
            case Accumulation():
                return self._accumulate
            case Firing():
                return self._fire
            case SignalPropagation():
                return partial(self._propagate, system)
            case AxonalConduction():
                return self._conduct
        return partial(self._drive, name)

    @property
    def row(self) -> int:
        """Row of the neuron; -1: it is gone."""
        rows = self.world.index.row
        return int(rows[self.neuron]) if self.neuron < rows.size else -1

    # -- a tick, in order -------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self.ticks.append(Tick(self.world.tick, v_before=self._field(Membrane, "v")))
        self._current = self._field(SynapticInput, "current")
        self._now = []

    def _arrive(self) -> None:
        self.ticks[-1].arrivals += self._sent.pop(self.world.tick, [])
        self._current = self._field(SynapticInput, "current")

    def _transmit(self) -> None:
        """Take the signals at the synapses of the neuron; what they do there is found when they do it."""
        world, arrived, tick = self.world, self.world.resource(Arrivals), self.world.tick
        n = int(arrived.count[0])
        mine = np.flatnonzero(world.storage(Target).array["neuron"][arrived.synapse[:n]] == self.row)
        for place in mine.tolist():
            k = int(arrived.synapse[place])
            queue = self._queued[tick, self._synapse(k)]
            sent, source = queue.popleft() if queue else self._feeder(k)
            weight = float(world.storage(Weight).array["value"][k])
            size, passed = float(arrived.size[place]), float(arrived.passed[place])
            number = number_of(world, self._synapse(k))
            self._now.append((k, Arrival(number, source, sent, tick, size, passed, weight, passed * weight)))

    def _act(self, system: PostsynapticPotential) -> None:
        """Let what was transmitted drive a spiking neuron."""
        limit = system.limit  # which an event may change
        if not np.isnan(self.ticks[-1].v_before):
            for _, arrival in self._now:
                weight = min(max(arrival.weight, -limit), limit)
                self.ticks[-1].arrivals.append(replace(arrival, weight=weight, potential=arrival.passed * weight))
        self._current = self._field(SynapticInput, "current")

    def _before_rounds(self) -> None:
        """Note what the neuron has gathered so far, and which of its inputs were hit."""
        if not self._accumulates():
            return
        value = self._field(Accumulator, "value")
        if np.isnan(self._value):
            self.start = value
        elif value != self._value:  # somebody has written it
            self.start += value - self._value
        self._value = value
        hit, resets = self.world.storage(LastHit).array["round"], self._field(Activity, "resets")
        self._hits = {k for k, _ in self._now if hit[k] == resets + 1}
        self._n_hits = int(self._field(Activity, "round_hits"))

    def _accumulate(self) -> None:
        """Follow the rounds of a neuron that accumulates."""
        if not self._accumulates():
            return
        bias, tick = self._field(Accumulator, "bias"), self.ticks[-1]
        n_connected = self.world.resource(Connections).n_connected[self.row]
        for k, arrival in self._now:
            tick.arrivals.append(arrival)
            repeats = k in self._hits
            if not repeats:
                self.gathering.append(arrival)
                self._n_hits += 1
                self._hits.add(k)
            if repeats or self._n_hits >= n_connected:
                self._end_round(arrival if repeats else None)
                self.gathering, self._hits = ([arrival], {k}) if repeats else ([], set())
                self.start, self._n_hits = bias, len(self._hits)
        self._value = self._field(Accumulator, "value")

    def _end_round(self, repeated: Arrival | None) -> None:
        size = self.start
        for one in self.gathering:
            size += one.potential
        self.ticks[-1].rounds.append(Round(size, self.start, tuple(self.gathering), repeated))

    def _drive(self, name: str) -> None:
        """Note what a system has added to the input."""
        current = self._field(SynapticInput, "current")
        if current != self._current and not np.isnan(current):
            self.ticks[-1].drives[name] = current - self._current
        self._current = current

    def _fire(self) -> None:
        fired = self.world.resource(Fired)
        self.ticks[-1].fired = self.row in fired.row[: fired.count[0]]

    def _propagate(self, system: SignalPropagation) -> None:
        """Note the spikes that leave for the neuron now, over synapses that pass them on at once."""
        limit = system.limit
        fired, axons = self.world.resource(Fired), self.world.resource(Topology)
        for source in fired.row[: fired.count[0]].tolist():
            for k, arrives in self._leaving(source, axons.axon_first[source], axons.axon_queued[source]):
                weight = min(max(float(self.world.storage(Weight).array["value"][k]), -limit), limit)
                number, name = number_of(self.world, self._synapse(k)), self._neuron(source)
                self._sent[arrives].append(Arrival(number, name, self.world.tick, arrives, 1.0, 1.0, weight, weight))

    def _conduct(self) -> None:
        """Note the signals that leave for the neuron now, to synapses that hold them up."""
        sent, axons = self.world.resource(Emissions), self.world.resource(Topology)
        for source in sent.neuron[: sent.count[0]].tolist():
            for k, arrives in self._leaving(source, axons.axon_queued[source], axons.axon_first[source + 1]):
                self._queued[arrives, self._synapse(k)].append((self.world.tick, self._neuron(source)))

    def _end(self) -> None:
        self.ticks[-1].v = self._field(Membrane, "v")

    # -- what the world has -----------------------------------------------------------------------------------------

    def _field(self, component: type[Component], name: str) -> float:
        """Return a value of the neuron; NaN if it has no such component."""
        if self.row < 0 or not self.world.has_storage(component) or not self.world.storage(component).has(self.row):
            return float("nan")
        return float(self.world.storage(component).array[name][self.row])

    def _accumulates(self) -> bool:
        return not np.isnan(self._field(Accumulator, "value"))

    def _leaving(self, source: int, first: int, stop: int) -> Iterator[tuple[int, int]]:
        """Yield the synapses among some rows that end at the neuron, and when a signal sent now arrives there."""
        target, delay = self.world.storage(Target).array["neuron"], self.world.storage(Delay).array["ticks"]
        for k in np.flatnonzero(target[first:stop] == self.row).tolist():
            yield int(first) + k, self.world.tick + int(delay[first + k])

    def _feeder(self, row: int) -> tuple[int, str]:
        """Return when a signal that arrives now left, and from where, if it did before there was a look."""
        source, tick = feeder_of(self.world, self._synapse(row)), self.world.tick
        delay = int(self.world.storage(Delay).array["ticks"][row])
        return (tick - delay if source.startswith(NEURON.name) else tick), source

    def _synapse(self, row: int) -> Entity:
        return int(self.world.table(SYNAPSE).entity(SYNAPSE)[row])

    def _neuron(self, row: int) -> str:
        return name_of(self.world, int(self.world.entities(NEURON)[row]))


class _Between(esper.Processor):
    """Does a job between two systems."""

    def __init__(self, job: Callable[[], None]) -> None:
        self.job = job

    def process(self) -> None:
        self.job()


@contextmanager
def between_systems(dispatcher: Dispatcher, jobs: Iterable[tuple[str, int, Callable[[], None]]]) -> Iterator[None]:
    """Do jobs in every tick, between systems; ticks run stepped meanwhile.

    Parameters
    ----------
    dispatcher : Dispatcher
    jobs : sequence of (str, int, callable)
        Name of a system, by how much the priority is above (before) or below (after) that of the system, and what to
        do.
    """
    kinds = []
    with dispatcher.world.active():
        for name, above, job in jobs:
            kinds.append(type("Between", (_Between,), {}))  # esper tells processors by their classes
            esper.add_processor(kinds[-1](job), dispatcher.priority(name) + above)
    try:
        yield
    finally:
        with dispatcher.world.active():
            for kind in kinds:
                esper.remove_processor(kind)
