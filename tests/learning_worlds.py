"""Worlds whose neurons fire by a script and whose weights learn, and the same in plain Python."""

from __future__ import annotations

from collections.abc import Sequence

import naive_learning as naive
import numpy as np

from runen_ecs.components import NEURON, ActionPotential, LastSpike, Membrane, Plasticity, Weight
from runen_ecs.engine import Dispatcher, DispatcherBuilder, Flags, Read, System, World, Write, kernel
from runen_ecs.network import connect, dendrite_of
from runen_ecs.systems import ExponentialStdpLearning, Firing, StdpLearning
from runen_ecs.systems.weight_change import Bounds

Connection = tuple[int, int, float, int]


@kernel
def play(tick: int, script: Flags, number: np.ndarray, fired: Flags) -> None:
    for i in range(fired.size):
        fired[i] = tick < script.shape[0] and script[tick, number[i]]


class Playing(System):
    """Lets neurons fire by a script of (tick, number of the neuron)."""

    membrane: Read[Membrane]
    action_potential: Write[ActionPotential]

    kernel = play

    def __init__(self, spikes: Sequence[tuple[int, int]]) -> None:
        self.script = np.zeros((max((t for t, _ in spikes), default=0) + 1, 50), np.bool_)
        for tick, number in spikes:
            self.script[tick, number] = True

    def arguments(self):
        number = self.world.table(NEURON).creation_number(self.entity)
        return self.script, number, self.action_potential.fired


def learning(rule: naive.Rule, dt: float) -> System:
    """The system for a rule."""
    bounds = None if rule.bounds is None else Bounds(*rule.bounds)
    if rule.window == "hyperbolic":
        horizon = rule.horizon / dt
        return StdpLearning(rule.plus, horizon, bounds=bounds, excitatory=rule.excitatory, rule=rule.number)
    return ExponentialStdpLearning(
        rule.plus,
        rule.minus,
        rule.tau_plus,
        rule.tau_minus,
        pairing="all-to-all" if rule.all_to_all else "nearest-neighbour",
        bounds=bounds,
        excitatory=rule.excitatory,
        rule=rule.number,
    )


class Learning:
    """Neurons that fire by a script, and synapses (source, target, weight, rule), numbered by order of creation."""

    def __init__(
        self,
        rules: Sequence[naive.Rule],
        spikes: Sequence[tuple[int, int]],
        connections: Sequence[Connection],
        n_neurons: int = 2,
        dt: float = 1.0,
    ) -> None:
        self.world = World(dt=dt)
        builder = DispatcherBuilder().add(Playing(spikes), "playing").add(Firing(), "firing", after=["playing"])
        before = "firing"
        for number, rule in enumerate(rules):
            builder.add(learning(rule, dt), f"learning {number}", after=[before])
            before = f"learning {number}"
        self.dispatcher: Dispatcher = builder.build(self.world)
        self.neurons: list[int] = []
        self.synapses: list[int] = []
        self.create(n_neurons)
        for connection in connections:
            self.connect(*connection)

    def create(self, n: int = 1) -> None:
        """Create neurons."""
        made = self.world.create_entities(n, Membrane.batch(), ActionPotential.batch(), LastSpike.batch())
        self.neurons += made.tolist()

    def connect(self, source: int, target: int, weight: float, rule: int = -1) -> None:
        """Connect neurons; no component says so where a synapse learns by no rule of its own."""
        also = (Plasticity.batch(rule=rule),) if rule >= 0 else ()
        made = connect(self.world, self.neurons[source], self.neurons[target], weight=weight, also=also)
        self.synapses += made.tolist()

    def weights(self) -> dict[int, float]:
        """The weights by number of the synapse, of those that are left."""
        row = self.world.index.row
        weight = self.world.storage(Weight).arrays.value
        return {i: float(weight[row[dendrite_of(s)]]) for i, s in enumerate(self.synapses) if row[s] >= 0}

    def run(self, ticks: int, *, stepped: bool = False) -> list[float]:
        """Run, and return the weights."""
        self.dispatcher.run(ticks, stepped=stepped)
        return list(self.weights().values())


class PlainLearning:
    """The same in plain Python."""

    def __init__(
        self,
        rules: Sequence[naive.Rule],
        spikes: Sequence[tuple[int, int]],
        connections: Sequence[Connection],
        n_neurons: int = 2,
        dt: float = 1.0,
    ) -> None:
        self.network = naive.Network(list(rules), dt)
        self.spikes = set(spikes)
        self.neurons: list[naive.Neuron] = []
        self.synapses: list[naive.Synapse] = []
        self.create(n_neurons)
        for connection in connections:
            self.connect(*connection)

    def create(self, n: int = 1) -> None:
        """Create neurons."""
        made = [naive.Neuron() for _ in range(n)]
        self.neurons += made
        self.network.neurons += made

    def connect(self, source: int, target: int, weight: float, rule: int = -1) -> None:
        """Connect neurons."""
        self.synapses.append(naive.Synapse(self.neurons[source], self.neurons[target], weight, rule))
        self.network.synapses.append(self.synapses[-1])

    def weights(self) -> dict[int, float]:
        """The weights by number of the synapse, of those that are left."""
        left = {id(synapse) for synapse in self.network.synapses}
        return {i: synapse.weight for i, synapse in enumerate(self.synapses) if id(synapse) in left}

    def run(self, ticks: int) -> list[float]:
        """Run, and return the weights."""
        living = {id(neuron) for neuron in self.network.neurons}
        for tick in range(self.network.tick + 1, self.network.tick + ticks + 1):
            self.network.step([n for i, n in enumerate(self.neurons) if (tick, i) in self.spikes and id(n) in living])
        return list(self.weights().values())
