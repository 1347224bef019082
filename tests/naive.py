"""The specification: small networks in plain loops over plain objects, as slow and as clear as can be.

It shares no code with the simulator. What the simulator computes must equal this bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

WORD = 0xFFFFFFFF
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


def threefry2x32(key: tuple[int, int], counter: tuple[int, int], rounds: int = 20) -> tuple[int, int]:
    """Threefry-2x32 after Salmon et al. 2011, on Python's integers."""
    keys = (key[0], key[1], 0x1BD11BDA ^ key[0] ^ key[1])
    x0, x1 = (counter[0] + keys[0]) & WORD, (counter[1] + keys[1]) & WORD
    for number in range(rounds):
        rotation = ROTATIONS[number // 4 % 2][number % 4]
        x0 = (x0 + x1) & WORD
        x1 = ((x1 << rotation) | (x1 >> (32 - rotation))) & WORD
        x1 ^= x0
        if number % 4 == 3:
            injection = number // 4 + 1
            x0 = (x0 + keys[injection % 3]) & WORD
            x1 = (x1 + keys[(injection + 1) % 3] + injection) & WORD
    return x0, x1


def uniform(key: tuple[int, int], a: int, b: int) -> float:
    """A number uniform on [0, 1) with 53 random bits."""
    high, low = threefry2x32(key, (a, b))
    return ((high >> 5) * 2**26 + (low >> 6)) / 2**53


def stream(seed: int, purpose: str) -> tuple[int, int]:
    """The key of a stream."""
    return threefry2x32((seed & WORD, seed >> 32), (crc32(purpose.encode()), 0))


@dataclass
class Neuron:
    """An Izhikevich neuron."""

    v: float = -65.0
    u: float = -13.0
    a: float = 0.02
    b: float = 0.2
    c: float = -65.0
    d: float = 2.0
    last_spike: int | None = None
    arriving: dict[int, float] = field(default_factory=dict)
    axon: list[Synapse] = field(default_factory=list)
    dendrites: list[Synapse] = field(default_factory=list)

    def integrate(self, current: float) -> bool:
        """Live through a tick; say whether it fires."""
        for _ in range(2):
            self.v = self.v + 0.5 * (0.04 * self.v * self.v + 5.0 * self.v + 140.0 - self.u + current)
        self.u = self.u + self.a * (self.b * self.v - self.u)
        if self.v >= 30.0:
            self.v = self.c
            self.u = self.u + self.d
            return True
        return False


@dataclass
class Synapse:
    """A synapse and its dendrite."""

    source: Neuron
    target: Neuron
    delay: int
    weight: float
    takes_signals: bool = False


@dataclass
class Network:
    """Neurons and synapses, and the rules of a tick.

    The order of neurons is that of creation, the order of an axon's synapses that of connection.
    """

    seed: int = 0
    noise: tuple[float, float] = (0.0, 5.0)
    limit: float = 4.0
    amplitude: float = 0.2
    horizon: float = 100.0
    neurons: list[Neuron] = field(default_factory=list)
    synapses: list[Synapse] = field(default_factory=list)
    tick: int = 0
    spikes: list[tuple[int, int]] = field(default_factory=list)

    def connect(self, source: int, target: int, delay: int, weight: float) -> None:
        """Connect two neurons by their numbers."""
        synapse = Synapse(self.neurons[source], self.neurons[target], delay, weight)
        self.synapses.append(synapse)
        synapse.source.axon.append(synapse)
        synapse.target.dendrites.append(synapse)

    def step(self) -> None:
        """Live through a tick."""
        firing = self.live({})
        self.send(firing)
        self.learn(firing)

    def live(self, potentials: dict[int, list[float]]) -> list[Neuron]:
        """Begin a tick: all take what arrives, with further potentials by id of the neuron; return who fires."""
        self.tick += 1
        t = self.tick
        low, high = self.noise
        tick_key = threefry2x32(stream(self.seed, "thalamic_input"), (t, 0))
        firing = []
        for number, neuron in enumerate(self.neurons):
            current = neuron.arriving.pop(t, 0.0)
            for potential in potentials.get(id(neuron), []):
                current = current + potential
            current = current + (low + (high - low) * uniform(tick_key, number + 1, 0))  # entities count from 1
            if neuron.integrate(current):
                firing.append(neuron)
                self.spikes.append((t, number))
        return firing

    def send(self, firing: list[Neuron]) -> None:
        """Let spikes leave."""
        for neuron in firing:
            for synapse in neuron.axon:
                if synapse.takes_signals:
                    continue  # see naive_capacity.py
                passed = min(max(synapse.weight, -self.limit), self.limit)
                when = self.tick + synapse.delay
                synapse.target.arriving[when] = synapse.target.arriving.get(when, 0.0) + passed

    def learn(self, firing: list[Neuron]) -> None:
        """Weaken, then strengthen."""
        for neuron in firing:
            for synapse in neuron.axon:
                if synapse.target.last_spike is not None:  # before this tick
                    synapse.weight -= self.window(self.tick - synapse.target.last_spike)
        for neuron in firing:
            neuron.last_spike = self.tick
        for neuron in firing:
            for synapse in neuron.dendrites:
                if synapse.source.last_spike is not None:  # this tick included
                    synapse.weight += self.window(self.tick - synapse.source.last_spike)

    def window(self, interval: int) -> float:
        """The change by a pair of spikes."""
        return self.amplitude / (1.0 + interval * (1.0 / self.horizon))


def columns(
    seed: int,
    count: int,
    layers: dict[str, int],
    connections: list[tuple[str, str, str, float]],
    delay: tuple[int, int],
    strength: tuple[float, float],
    excitatory: float,
) -> list[tuple[int, int, int, float]]:
    """The synapses of cortical columns: source, target, delay, weight; by source, then by target."""
    place = [(column, layer) for column in range(count) for layer, size in layers.items() for _ in range(size)]
    table = {(source, target, where): p for source, target, where, p in connections}
    keys = {what: stream(seed, f"columnar_layout/{what}") for what in ("connection", "delay", "strength", "sign")}
    synapses = []
    for i, (column, layer) in enumerate(place):
        for j, (other_column, other_layer) in enumerate(place):
            where = "same" if column == other_column else "other"
            p = table.get((layer, other_layer, where), 0.0)
            if p > 0 and uniform(keys["connection"], i, j) < p:
                ticks = delay[0] + int(uniform(keys["delay"], i, j) * (delay[1] - delay[0] + 1))
                size = strength[0] + (strength[1] - strength[0]) * uniform(keys["strength"], i, j)
                positive = uniform(keys["sign"], i, j) < excitatory
                synapses.append((i, j, ticks, size if positive else -size))
    return synapses
