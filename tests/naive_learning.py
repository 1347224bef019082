"""The specification of learning: spikes that are given, and rules by which weights follow them, in plain Python.

It shares no code with the simulator. What the simulator computes must equal this bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf


@dataclass
class Rule:
    """A learning rule. Times are in ms, and so is the horizon.

    number: of the synapses that learn by it, None for all. bounds: low, high, soft.
    """

    window: str = "exponential"
    plus: float = 0.2
    minus: float = 0.105
    tau_plus: float = 17.0
    tau_minus: float = 34.0
    all_to_all: bool = False
    bounds: tuple[float, float, bool] | None = None
    excitatory: bool = False
    number: int | None = None
    horizon: float = 100.0


@dataclass
class Neuron:
    """When a neuron fired last, in ticks, and its traces for each rule."""

    last: int | None = None
    x: dict[int, float] = field(default_factory=dict)
    y: dict[int, float] = field(default_factory=dict)


@dataclass
class Synapse:
    """A synapse; its source is None when it is not connected."""

    source: Neuron | None
    target: Neuron
    weight: float
    rule: int = -1


@dataclass
class Network:
    """Neurons and synapses by order of creation, and the rules by which they learn."""

    rules: list[Rule]
    dt: float = 1.0
    neurons: list[Neuron] = field(default_factory=list)
    synapses: list[Synapse] = field(default_factory=list)
    tick: int = 0

    def delete(self, neuron: Neuron) -> None:
        """Delete a neuron: synapses onto it go, those from it lose their source."""
        self.neurons = [other for other in self.neurons if other is not neuron]
        self.synapses = [synapse for synapse in self.synapses if synapse.target is not neuron]
        for synapse in self.synapses:
            if synapse.source is neuron:
                synapse.source = None

    def step(self, firing: list[Neuron]) -> None:
        """Live through a tick in which these neurons fire."""
        self.tick += 1
        fires = {id(neuron) for neuron in firing}
        for number, rule in enumerate(self.rules):
            learning = [s for s in self.synapses if s.source is not None and rule.number in (None, s.rule)]
            self.decay(number, rule)
            for synapse in learning:
                if id(synapse.source) in fires:
                    change(synapse, -self.weakening(synapse, number, rule), rule)
            for neuron in firing:
                neuron.x[number] = 1.0 + neuron.x.get(number, 0.0) * rule.all_to_all
                neuron.y[number] = 1.0 + neuron.y.get(number, 0.0) * rule.all_to_all
            for synapse in learning:
                if id(synapse.target) in fires:
                    change(synapse, self.strengthening(synapse, number, rule, fires), rule)
        for neuron in firing:
            neuron.last = self.tick

    def decay(self, number: int, rule: Rule) -> None:
        """Let the traces of a rule decay by a tick."""
        for neuron in self.neurons:
            for trace, tau in ((neuron.x, rule.tau_plus), (neuron.y, rule.tau_minus)):
                value = trace.get(number, 0.0) * exp(-self.dt / tau)
                trace[number] = value if value > 1e-300 else 0.0

    def weakening(self, synapse: Synapse, number: int, rule: Rule) -> float:
        """By how much a spike of the source weakens: spikes of the target before this tick count."""
        if rule.window == "exponential":
            return rule.minus * synapse.target.y[number]
        return self.hyperbolic(synapse.target.last, rule)

    def strengthening(self, synapse: Synapse, number: int, rule: Rule, fires: set[int]) -> float:
        """By how much a spike of the target strengthens: spikes of the source in this tick count, too."""
        assert synapse.source is not None
        if rule.window == "exponential":
            return rule.plus * synapse.source.x[number]
        return self.hyperbolic(self.tick if id(synapse.source) in fires else synapse.source.last, rule)

    def hyperbolic(self, last: int | None, rule: Rule) -> float:
        """The change by the last spike at the other end."""
        if last is None:
            return 0.0
        return rule.plus / (1.0 + (self.tick - last) * (1.0 / (rule.horizon / self.dt)))


def change(synapse: Synapse, step: float, rule: Rule) -> None:
    """Change a weight within its bounds."""
    low, high, soft = rule.bounds or (-inf, inf, False)
    if rule.excitatory:
        if synapse.weight < 0.0:
            return
        low = max(low, 0.0)
    if soft:
        room = synapse.weight - low if step <= 0.0 else high - synapse.weight
        step = step * (room * (1.0 / (high - low)))
    synapse.weight = min(max(synapse.weight + step, low), high)
