"""Why a neuron fired, or did not: what had reached it, and what would have been without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from runen_ecs.components import (
    SYNAPSE,
    Accumulator,
    Activity,
    ConductanceIntegrateAndFire,
    HindmarshRose,
    InputPort,
    LastHit,
    LastSpike,
    LeakyIntegrateAndFire,
    Membrane,
    PoissonSource,
    Silenced,
    Source,
    SpikeTrain,
    SynapticConductances,
    SynapticCurrents,
    SynapticInput,
    Target,
)
from runen_ecs.engine import Component, Entity, World
from runen_ecs.engine.state import restore_world, world_state
from runen_ecs.errors import SelectionError
from runen_ecs.network import DelayLine, Fired, SignalQueue

from ..building import Simulation
from ..faults import UsageError
from .entities import components_of, entities_of
from .provenance import EARLIER, Arrival, Provenance, Tick, between_systems
from .replay import Replay, unrecorded

__all__ = ["Explanation", "explain"]

FIRST_LOOK = 64
INTEGRATES = {("SynapticInput", "reads"), ("Membrane", "writes")}
APART = SynapticCurrents, SynapticConductances
CELLS = HindmarshRose, LeakyIntegrateAndFire, ConductanceIntegrateAndFire
Cell = dict[type[Component], dict[str, Any]]
Jobs = list[tuple[str, int, Callable[[], None]]]


@dataclass
class Explanation:
    """Why a neuron fired in a tick, or did not.

    Attributes
    ----------
    neuron : str
        ``neuron:40``.
    kind : str
        "spiking"; "accumulating"; "source", which fires by itself, and has nothing else here.
    tick, first : int
        The tick, and that in which the window before it begins: after the last spike, if there was one in it; of an
        accumulating neuron, where its round began.
    fired : bool
    fired_before : int or None
        The tick of the spike after which the window begins.
    size : float
        Of an accumulating neuron: what it sent, or has gathered so far.
    v_before, v : float
        Membrane potential at the beginning of the window and at the end of the tick [mV]; NaN without one.
    arrivals : list of Arrival
        Those with the largest input first.
    inputs : list of float
        What each adds to the input, over the time that it acts; see `unit`.
    drives : dict of str to (float, float)
        What each other system has added to the input in the window, and what it has taken; ``bias`` of an accumulating
        neuron.
    unit : str
        Of inputs and drives: "mV ms". A potential acts for a tick, a synaptic current for its time constant, a
        conductance for its own with the driving force that it meets. Of cells without units, and of signals, "".
    spike, ahead : int or None, int
        The tick, if it fired; else that of its next spike, up to ``ahead``. None: there is none.
    spike_without : list of (int or None)
        What that would have been without each of the first arrivals, all else being equal.
    spike_alone, v_alone : int or None, float
        What it, and the membrane potential at the end of the tick [mV], would have been without any input in the
        window: by its own dynamics.
    ended_by : Arrival or None
        The signal that hit an input once more, and so ended the round.
    waiting : list of int
        Synapses, by number, that were not hit yet in the round that goes on.
    kept : str
        What kept it from firing, whatever reached it: "silenced", "refractory"; usually nothing.
    causes : dict of int to Explanation
        Why the source of an arrival, by its place in ``arrivals``, had fired.
    """

    neuron: str
    kind: str
    tick: int
    first: int
    fired: bool
    fired_before: int | None = None
    size: float = 0.0
    v_before: float = np.nan
    v: float = np.nan
    arrivals: list[Arrival] = field(default_factory=list)
    inputs: list[float] = field(default_factory=list)
    drives: dict[str, tuple[float, float]] = field(default_factory=dict)
    unit: str = ""
    spike: int | None = None
    ahead: int = 0
    spike_without: list[int | None] = field(default_factory=list)
    spike_alone: int | None = None
    v_alone: float = np.nan
    ended_by: Arrival | None = None
    waiting: list[int] = field(default_factory=list)
    kept: str = ""
    causes: dict[int, Explanation] = field(default_factory=dict)

    @property
    def up(self) -> float:
        """All that excites it; shares are multiples of it."""
        return sum(max(p, 0.0) for p in self.inputs) + sum(up for up, _ in self.drives.values())

    def share(self, added: float) -> float:
        """Return an input as a share of all that excites; NaN if nothing does."""
        return added / self.up if self.up else float("nan")


def explain(replay: Replay, neuron: int, tick: int, window: int, depth: int = 1, most: int = 10) -> Explanation:
    """Find out why a neuron fired in a tick, or did not, by running the ticks before it once more.

    Parameters
    ----------
    replay : Replay
    neuron : int
        By order of creation, from 0.
    tick : int
    window : int
        How many ticks to look back, the tick itself included, or to the last spike if that was later; one that
        accumulates is followed to where its round began.
    depth : int
        How many neurons to go back: 1, this one alone; 2, those that had fed it, too.
    most : int
        Of how many arrivals, the largest, to find out what would have been without, and what caused them.

    Raises
    ------
    UsageError
        If the run does not reach that tick.
    SelectionError
        If there is no such neuron.
    """
    if tick <= replay.run.first:
        raise UsageError(f"--at: nothing has happened at {tick * replay.run.dt_ms / 1000:g} s; name a later time")
    name = f"neuron:{neuron}"
    entity = entities_of(replay.go(tick - 1).world, name)[0]
    world = replay.go(tick).world
    if not world.index.alive(entity):
        raise SelectionError(name, "was removed before this tick")
    if _has(world, entity, Accumulator):
        found = _of_accumulating(replay, name, entity, tick)
    elif _has(world, entity, PoissonSource, SpikeTrain):
        found = Explanation(name, "source", tick, tick, _fires(world, entity))
    else:
        found = _of_spiking(replay, name, entity, tick, window, most)
    if depth > 1:
        for place, arrival in enumerate(found.arrivals[:most]):
            kind, _, number = arrival.source.partition(":")
            if kind == "neuron" and arrival.sent > replay.run.first:
                found.causes[place] = explain(replay, int(number), arrival.sent, window, depth - 1, most)
    return found


def _has(world: World, entity: Entity, *components: type[Component]) -> bool:
    row = int(world.index.row[entity])
    return any(world.has_storage(component) and world.storage(component).has(row) for component in components)


def _fires(world: World, entity: Entity) -> bool:
    fired = world.resource(Fired)
    return bool((fired.row[: fired.count[0]] == world.index.row[entity]).any())


def _watch(replay: Replay, entity: Entity, since: int, tick: int) -> Provenance:
    """Run once more from a tick to another, and note what reaches a neuron, also what is under way when it begins."""
    resources = replay.simulation.world._resources
    line, queue = resources.get(DelayLine), resources.get(SignalQueue)
    line_ticks = len(line.pending) if isinstance(line, DelayLine) else 0
    under_way = max(line_ticks, len(queue.count) if isinstance(queue, SignalQueue) else 0)
    simulation = replay.go(max(since - 1 - under_way, replay.run.first))
    provenance = Provenance(simulation.dispatcher, entity)
    with provenance.watches():
        replay.play(tick)
    return provenance


# -- neurons with a membrane ------------------------------------------------------------------------------------------


def _of_spiking(replay: Replay, name: str, entity: Entity, tick: int, window: int, most: int) -> Explanation:
    first = max(tick - window, replay.run.first) + 1
    ticks = [one for one in _watch(replay, entity, first, tick).ticks if one.tick >= first]
    before = max((one.tick for one in ticks[:-1] if one.fired), default=None)
    ticks = [one for one in ticks if before is None or one.tick > before]
    first, last = ticks[0].tick, ticks[-1]
    found = Explanation(name, "spiking", tick, first, last.fired, before, v_before=ticks[0].v_before, v=last.v)
    found.kept = "" if found.fired else _kept(replay.simulation.world, entity)
    _weigh(found, ticks, replay.simulation.world, entity)
    found.ahead = max(tick, min(tick + window, replay.run.tick))
    simulation = replay.go(first - 1)
    state, done = world_state(simulation.world), simulation.events_done

    def without(jobs: Jobs) -> tuple[int | None, float]:
        """Return when the next spike comes, and the potential at the end of the tick."""
        course = _Course(simulation.world, entity)
        watching = between_systems(simulation.dispatcher, [*jobs, ("firing", -1, course.look)])
        with unrecorded(simulation), watching:
            simulation.run(found.ahead - simulation.world.tick)
        restore_world(simulation.world, state)
        simulation.events_done = done
        return next(iter(course.spikes), None), course.v.get(tick, np.nan)

    found.spike = tick if found.fired else without([])[0]
    found.spike_alone, found.v_alone = without(_tampering(simulation, entity, None))
    found.spike_without = [without(_tampering(simulation, entity, a))[0] for a in found.arrivals[:most]]
    return found


def _weigh(found: Explanation, ticks: list[Tick], world: World, entity: Entity) -> None:
    """Say how much each arrival and each system adds to the input of a neuron, over the time that it acts."""
    cell: Cell = {c: fields for c, fields in components_of(world, entity).items() if c in CELLS}
    found.unit = "" if HindmarshRose in cell else "mV ms"
    weighed = [(a, _input(a, one.v_before, cell, world.clock.dt)) for one in ticks for a in one.arrivals]
    weighed.sort(key=lambda pair: -abs(pair[1]))
    found.arrivals, found.inputs = [a for a, _ in weighed], [added for _, added in weighed]
    for one in ticks:
        for system, potential in one.drives.items():
            up, down = found.drives.get(system, (0.0, 0.0))
            added = potential * world.clock.dt
            found.drives[system] = up + max(added, 0.0), down + min(added, 0.0)


def _input(arrival: Arrival, v: float, cell: Cell, dt: float) -> float:
    """Return what an arrival adds to the input, over the time that it acts [mV ms], where the potential is v [mV]."""
    sign = "exc" if arrival.potential >= 0.0 else "inh"
    if (conductances := cell.get(ConductanceIntegrateAndFire)) is not None:
        force = conductances[f"reversal_{sign}"] - v
        return float(abs(arrival.potential) * conductances[f"tau_{sign}"] * force)
    if (currents := cell.get(LeakyIntegrateAndFire)) is not None:
        return float(arrival.potential * currents[f"tau_{sign}"])
    return arrival.potential * dt


def _kept(world: World, entity: Entity) -> str:
    """Return what keeps a neuron from firing in the tick that is over."""
    if _has(world, entity, Silenced) and world.component(entity, Silenced).until >= world.tick:
        return "silenced"
    for component, fields in components_of(world, entity).items():
        if component in (LeakyIntegrateAndFire, ConductanceIntegrateAndFire):
            last, rest = world.component(entity, LastSpike).tick, round(fields["refractory"] / world.clock.dt)
            return "refractory" if last and world.tick - last <= rest else ""
    return ""


class _Course:
    """When a neuron fires, and its membrane potential after the integration of each tick."""

    def __init__(self, world: World, entity: Entity) -> None:
        self.world, self.entity = world, entity
        self.spikes: list[int] = []
        self.v: dict[int, float] = {}

    def look(self) -> None:
        """Note both, as long as it is there."""
        if not self.world.index.alive(self.entity):
            return
        self.v[self.world.tick] = self.world.component(self.entity, Membrane).v
        if _fires(self.world, self.entity):
            self.spikes.append(self.world.tick)


def _tampering(simulation: Simulation, entity: Entity, missing: Arrival | None) -> Jobs:
    """Return what takes an arrival, or all if none is named, from the input of a neuron before it is integrated."""
    world = simulation.world

    def take() -> None:
        row, current = world.index.row[entity], world.storage(SynapticInput).array["current"]
        signed = world.resource(DelayLine).signed
        slot, apart = world.tick & (signed.shape[1] - 1), signed.shape[2] and _has(world, entity, *APART)
        if missing is None:
            current[row] = 0.0
            signed[:, slot, row : row + 1] = 0.0
        elif missing.arrived == world.tick and apart:
            signed[int(missing.potential < 0.0), slot, row] -= missing.potential
        elif missing.arrived == world.tick:
            current[row] -= missing.potential

    entries = simulation.dispatcher.plan.entries
    touched = {entry.name: {(a.target.__name__, a.mode) for a in entry.system.accesses} for entry in entries}
    integrates = [name for name, those in touched.items() if INTEGRATES <= those]
    return [(name, 1, take) for name in integrates[:1]]


# -- neurons that accumulate ------------------------------------------------------------------------------------------


def _of_accumulating(replay: Replay, name: str, entity: Entity, tick: int) -> Explanation:
    since = _before_round(replay, entity, tick)
    provenance = _watch(replay, entity, since + 1, tick)
    *_, last = provenance.ticks
    ended = max(last.rounds, key=lambda one: one.size > 0.0, default=None)
    found = Explanation(name, "accumulating", tick, since + 1, ended is not None and ended.size > 0.0)
    if ended is not None:
        arrivals, found.size, start, found.ended_by = ended.arrivals, ended.size, ended.start, ended.repeated
    else:
        arrivals, start = tuple(provenance.gathering), provenance.start
        found.size = sum((a.potential for a in arrivals), start)
        found.waiting = _waiting(replay.simulation.world, entity)
    found.arrivals = sorted(arrivals, key=lambda a: -abs(a.potential))
    found.inputs = [a.potential for a in found.arrivals]
    bias = replay.simulation.world.component(entity, Accumulator).bias
    began = f"gathered {EARLIER}" if start != bias and since == replay.run.first > 0 else "bias"
    found.drives = {began: (max(start, 0.0), min(start, 0.0))}
    found.first = min((a.arrived for a in arrivals), default=tick)
    return found


def _before_round(replay: Replay, entity: Entity, tick: int) -> int:
    """Return a tick before the round began that goes on when another begins, and not long before."""

    def resets(at: int) -> int:
        world = replay.go(at).world
        return int(world.component(entity, Activity).resets) if world.index.alive(entity) else -1

    now, back = resets(tick - 1), FIRST_LOOK
    while True:
        since = max(tick - 1 - back, replay.run.first)
        if since == replay.run.first or resets(since) < now:
            return since
        back *= 4


def _waiting(world: World, entity: Entity) -> list[int]:
    """Return the synapses of a neuron that are connected and were not hit in this round, by their numbers."""
    target, source = world.storage(Target).array["neuron"], world.storage(Source).array["neuron"]
    fed = source >= 0
    ports = world.storage(InputPort).array["synapse"]
    fed[ports[ports >= 0]] = True
    hit = world.storage(LastHit).array["round"] == world.component(entity, Activity).resets + 1
    rows = np.flatnonzero((target == world.index.row[entity]) & fed & ~hit)
    return sorted(world.table(SYNAPSE).creation_number(world.entities(SYNAPSE)[rows]).tolist())
