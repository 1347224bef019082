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
    ColumnCoordinates,
    Delay,
    Source,
    Target,
    Weight,
)
from runen_ecs.engine.component import Entity
from runen_ecs.engine.dispatcher import Dispatcher, DispatcherBuilder, Watch
from runen_ecs.engine.world import World
from runen_ecs.files import RunData
from runen_ecs.network import CapacityNetwork, Stimuli
from runen_ecs.recording import SpikeRecord, TraceRecord, WeightRecord
from runen_ecs.systems import NetworkLayout

from .memory import check_memory
from .network_simulation import is_quiet
from .plans import plan
from .schema import Scenario
from .signal_data import SignalSource

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
    """

    scenario: Scenario
    world: World
    dispatcher: Dispatcher
    dendrite_initial: NDArray[np.int32]
    weight_initial: NDArray[np.float64]
    network: CapacityNetwork | None = None
    signals: SignalSource | None = None

    def run(self, ticks: int, *, stepped: bool = False, watch: Watch | None = None) -> int:
        """Run ticks; see `Dispatcher.run`. A capacity network alone runs no longer than until it is quiet."""
        return self.dispatcher.run(ticks, stepped=stepped, watch=lambda tick: self._look(tick, watch))

    def _look(self, tick: int, watch: Watch | None) -> bool:
        return (watch is not None and watch(tick)) or self.at_rest

    @property
    def at_rest(self) -> bool:
        """Whether nothing will happen any more: a capacity network alone is quiet, and no stimulus waits."""
        return self.scenario.columnar is None and is_quiet(self.world)

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
        place = world.storage(ColumnCoordinates)
        column[neuron] = np.where(place.present, place.arrays.column, -1)
        layer[neuron] = np.where(place.present, place.arrays.layer.astype(np.int32), -1)
        dendrite, weights = world.entities(DENDRITE), world.resource(WeightRecord)
        snapshots = [_of(dendrite, then, w) for then, w in zip(weights.dendrite, weights.weight, strict=True)]
        traces = world.resource(TraceRecord)
        return RunData(
            spike_tick=tick,
            spike_neuron=table.creation_number(entity).astype(np.int32),
            neuron_column=column,
            neuron_layer=layer,
            layer_names=np.array(list(self.scenario.columns.layers) if self.scenario.columns else [], np.str_),
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
                **({"at_rest": self.at_rest} if self.scenario.columnar is None else {}),
                "versions": {"runen-ecs": __version__, "numpy": np.__version__},
            },
        )


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
    dispatcher = builder.build(world)
    dispatcher.start()
    if scenario.record.traces:
        world.add_resource(TraceRecord(_entities(world, scenario.record.traces)))
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


def _entities(world: World, neurons: list[int]) -> tuple[Entity, ...]:
    return tuple(world.entities(NEURON)[neurons].tolist())
