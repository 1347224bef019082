"""From a scenario to a world and its dispatcher."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runen_ecs import __version__
from runen_ecs.components import (
    DENDRITE,
    NEURON,
    SYNAPSE,
    ColumnCoordinates,
    Delay,
    Source,
    Target,
    Weight,
)
from runen_ecs.engine.component import Entity
from runen_ecs.engine.dispatcher import Dispatcher, DispatcherBuilder, Watch
from runen_ecs.engine.world import World
from runen_ecs.files import RunData, Values
from runen_ecs.network import CapacityNetwork, Populations, Selection, Stimuli
from runen_ecs.recording import SpikeRecord, TraceRecord, ValueRecord, ValueSeries, WeightRecord
from runen_ecs.systems import NetworkLayout

from .language.events import Event, Occasion
from .language.extensions import told
from .memory import check_memory
from .network_simulation import is_quiet
from .plans import plan
from .schema import Scenario
from .signal_data import SignalSource
from .spiking_plan import rules_of

__all__ = ["Simulation", "build"]


@dataclass
class Simulation:
    """A scenario in a world.

    Attributes
    ----------
    scenario : Scenario
    world : World
    dispatcher : Dispatcher
    dendrite_initial : (n_synapses,) int32
        The dendrites before the first tick.
    weight_initial : (n_synapses,) float64
        Their weights [mV].
    network : CapacityNetwork or None
        The capacity network, if it has one.
    events_done : int
        How many events there were so far.
    """

    scenario: Scenario
    world: World
    dispatcher: Dispatcher
    dendrite_initial: NDArray[np.int32]
    weight_initial: NDArray[np.float64]
    network: CapacityNetwork | None = None
    signals: SignalSource | None = None
    events_done: int = 0

    def run(self, ticks: int, *, stepped: bool = False, watch: Watch | None = None) -> int:
        """Run ticks, with their events; see `Dispatcher.run`.

        A capacity network alone runs no longer than until it is quiet.

        Raises
        ------
        EventError
            If an event cannot be done.
        """
        ended = False

        def look(tick: int) -> bool:
            nonlocal ended
            ended = (watch is not None and watch(tick)) or self.at_rest
            return ended

        first = self.world.tick
        while self.world.tick < first + ticks and not ended:
            self._do_events()
            to_come = [event.at for _, event in self._events()[self.events_done :]]
            stop = min([first + ticks, *to_come])
            with told(self.scenario.extensions.values()):
                self.dispatcher.run(stop - self.world.tick, stepped=stepped, watch=look)
        return self.world.tick - first

    def compiled_before(self) -> bool:
        """Whether the native loop will load and not compile."""
        with told(self.scenario.extensions.values()):
            return self.dispatcher.compiled_before()

    def _do_events(self) -> None:
        """Do the events that are due before the next tick."""
        for number, event in self._events()[self.events_done :]:
            if event.at > self.world.tick:
                break
            components, rules = self.scenario.components, rules_of(self.scenario)
            event.apply(number, Occasion(self.world, self.dispatcher, components, rules))
            self.events_done += 1

    def _events(self) -> list[tuple[int, Event]]:
        """Return the events with their numbers, in the order of time."""
        return sorted(enumerate(self.scenario.events), key=lambda numbered: numbered[1].at)

    @property
    def at_rest(self) -> bool:
        """Whether nothing will happen any more: a capacity network alone is quiet, and no stimulus waits."""
        return not self.scenario.shapes and is_quiet(self.world)

    @property
    def n_spikes(self) -> int:
        """How many spikes there were so far."""
        record = self.world.resource(SpikeRecord)
        return record.total + int(record.count[0])

    @property
    def neurons(self) -> NDArray[np.int32]:
        """Entities of the neurons, by order of creation."""
        return self.world.entities(NEURON)

    def data(self) -> RunData:
        """Return what the run has left so far."""
        world, table, dt = self.world, self.world.table(NEURON), self.world.clock.dt
        tick, entity = world.resource(SpikeRecord).events().values()
        neuron = table.creation_number(world.entities(NEURON)).astype(np.int32)
        column, layer = np.full((2, table.n_created), -1, np.int32)
        place, populations = world.storage(ColumnCoordinates), world.resource(Populations)
        names, group = populations.groups()
        for name, entities in populations.neurons.items():  # those that were deleted lie where they lay
            number = table.creation_number(np.array(entities))
            column[number], layer[number] = populations.shapes[name].column, group[name]
        column[neuron[place.present]] = place.arrays.column[place.present]
        dendrite, weights = world.entities(DENDRITE), world.resource(WeightRecord)
        snapshots = [_of(dendrite, then, w) for then, w in zip(weights.dendrite, weights.weight, strict=True)]
        traces = world.resource(TraceRecord)
        return RunData(
            spike_tick=tick,
            spike_neuron=table.creation_number(entity).astype(np.int32),
            neuron_column=column,
            neuron_layer=layer,
            layer_names=np.array(names, np.str_),
            synapse_source=_numbers(neuron, world.storage(Source).arrays.neuron),
            synapse_target=_numbers(neuron, world.storage(Target).arrays.neuron),
            synapse_delay=world.storage(Delay).arrays.ticks.astype(np.int32),
            weight_initial=_of(dendrite, self.dendrite_initial, self.weight_initial),
            weight=world.storage(Weight).arrays.value.copy(),
            trace_neuron=table.creation_number(traces.entity).astype(np.int32),
            trace_v=traces.trace(),
            weight_tick=np.array(weights.tick, np.int32),
            weight_snapshot=np.array(snapshots, np.float64).reshape(len(snapshots), dendrite.size),
            **(self.signals.data() if self.signals is not None else {}),
            projection_names=np.array(list(populations.synapses), np.str_),
            synapse_projection=populations.projection_of(world.entities(SYNAPSE)),
            values=[_values(world, series) for series in world.resource(ValueRecord).series],
            meta={
                "scenario": self.scenario.as_data(),
                "seed": self.scenario.seed,
                "phases": [
                    {"name": p.name, "from_s": p.start * dt / 1000, "to_s": p.stop * dt / 1000}
                    for p in self.scenario.phases
                ],
                "ticks": world.tick,
                "dt_ms": dt,
                "partial": world.tick < self.scenario.duration and not self.at_rest,
                **({"network": self.signals.description} if self.signals is not None else {}),
                **({"at_rest": self.at_rest} if not self.scenario.shapes else {}),
                "versions": {"runen-ecs": __version__, "numpy": np.__version__},
            },
        )


def _values(world: World, series: ValueSeries) -> Values:
    """Return what was recorded of a field."""
    kind, (tick, value) = series.component.kind, series.series()
    number = world.table(kind).creation_number(series.entity).astype(np.int32)
    unit = str(series.component.fields[series.field].unit)
    return Values(f"{series.component.__name__}.{series.field}", unit, series.of, number, tick.astype(np.int32), value)


def _numbers(neuron: NDArray[np.int32], row: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.where(row >= 0, neuron[row], -1).astype(np.int32)


def _of(now: NDArray[np.int32], then: NDArray[np.int32], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights of dendrites of an earlier time for those of now; NaN for those that were not there yet."""
    if np.array_equal(now, then):
        return weight.copy()
    order = np.argsort(then)
    place = order[np.searchsorted(then, now, sorter=order).clip(0, max(then.size - 1, 0))] if then.size else now * 0
    known = then[place] == now if then.size else np.zeros(now.size, np.bool_)
    return np.where(known, weight[place] if then.size else np.nan, np.nan)


def build(scenario: Scenario, extend: Callable[[DispatcherBuilder], object] | None = None) -> Simulation:
    """Make the world of a scenario, with its network, ready for the first tick.

    Parameters
    ----------
    scenario : Scenario
    extend : callable, optional
        Adds systems of one's own to the plan: ``lambda builder: builder.add(Calcium(), "calcium", after="firing")``.

    Raises
    ------
    ScenarioError
        If it is too large for the memory of this machine.
    """
    check_memory(scenario)
    world = World(scenario.seed, scenario.dt)
    builder = plan(scenario)
    if extend is not None:
        extend(builder)
    with told(scenario.extensions.values()):
        dispatcher = builder.build(world)
        dispatcher.start()
    for extension in scenario.extensions.values():
        extension.insert(world)
    if scenario.record.traces:
        world.add_resource(TraceRecord(_entities(world, scenario.record.traces)))
    for values, series in zip(scenario.record.values, world.resource(ValueRecord).series, strict=True):
        series.choose(values.entities(world, series.component))
    world.maintain()
    initial = world.storage(Weight).arrays.value.copy()
    simulation = Simulation(scenario, world, dispatcher, world.entities(DENDRITE), initial)
    if scenario.network is not None:
        layout = dispatcher.start_up["network_layout"]
        assert isinstance(layout, NetworkLayout)
        simulation.network, simulation.signals = (
            layout.network,
            SignalSource(layout.network, scenario.network.description, layout.bridged),
        )
        if scenario.stimulus is not None and (rows := scenario.stimulus.rows(scenario.seed)):
            due, port, size = zip(*rows, strict=True)
            world.resource(Stimuli).add(world, port, size, due)
            world.maintain()
    return simulation


def _entities(world: World, neurons: list[int | str]) -> tuple[Entity, ...]:
    """Return neurons by number and by selection, each once."""
    found: list[Entity] = []
    for chosen in neurons:
        if isinstance(chosen, str):
            found += world.resource(Populations).select(world, Selection.parse(chosen)).tolist()
        else:
            found.append(int(world.entities(NEURON)[chosen]))
    return tuple(dict.fromkeys(found))
