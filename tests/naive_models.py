"""The specification of the neuron models and of their inputs, in plain loops; see naive.py."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from naive import stream, threefry2x32, uniform


@dataclass
class Cell:
    """What all neurons have: signals on their way to them, synapses that they feed, and a state to compare.

    `separate` says whether postsynaptic potentials arrive apart, the positive and the negative ones.
    """

    dt: float = 1.0
    separate: bool = False
    takes_input: bool = True
    last_spike: int = 0
    arriving: dict[tuple[int, bool], float] = field(default_factory=dict)
    axon: list[tuple[Cell, int, float]] = field(default_factory=list)

    def live(self, tick: int, current: float) -> bool:
        """Live through a tick; say whether it fires."""
        raise NotImplementedError

    def state(self) -> tuple[float, ...]:
        """The variables."""
        return ()


@dataclass
class Izhikevich(Cell):
    """Izhikevich's model, any number of steps of v in a tick, in the general form of its equations."""

    parameters: tuple[float, float, float, float] = (0.02, 0.2, -65.0, 2.0)
    v: float = -65.0
    u: float = -13.0
    substeps: int = 2
    polynomial: tuple[float, float, float] = (0.04, 5.0, 140.0)
    v_rest: float = 0.0
    leak: float = 1.0

    def live(self, tick: int, current: float) -> bool:
        a, b, c, d = self.parameters
        p2, p1, p0 = self.polynomial
        for _ in range(self.substeps):
            slope = p2 * self.v * self.v + p1 * self.v + p0 - self.u + current
            self.v = self.v + self.dt / self.substeps * slope
        self.u = self.u + self.dt * (a * (b * (self.v - self.v_rest) - self.leak * self.u))
        if self.v >= 30.0:
            self.v, self.u = c, self.u + d
            return True
        return False

    def state(self) -> tuple[float, ...]:
        return self.v, self.u


@dataclass
class HindmarshRose(Cell):
    """Hindmarsh and Rose's model, by the classical Runge–Kutta method."""

    parameters: tuple[float, ...] = (1.0, 3.0, 1.0, 5.0, 0.006, 4.0, -1.6)
    variables: tuple[float, float, float] = (-1.6, -11.8, 0.0)
    steps: int = 100

    def slope(self, at: tuple[float, ...], current: float) -> tuple[float, ...]:
        """The derivatives."""
        a, b, c, d, r, s, rest = self.parameters
        x, y, z = at
        return y - a * x * x * x + b * x * x - z + current, c - d * x * x - y, r * (s * (x - rest) - z)

    def live(self, tick: int, current: float) -> bool:
        fires, h = False, 0.01
        for _ in range(self.steps):
            start = self.variables
            k1 = self.slope(start, current)
            k2 = self.slope(tuple(w + 0.5 * h * k for w, k in zip(start, k1, strict=True)), current)
            k3 = self.slope(tuple(w + 0.5 * h * k for w, k in zip(start, k2, strict=True)), current)
            k4 = self.slope(tuple(w + h * k for w, k in zip(start, k3, strict=True)), current)
            x, y, z = (
                w + h / 6.0 * (p + 2.0 * q + 2.0 * r + s) for w, p, q, r, s in zip(start, k1, k2, k3, k4, strict=True)
            )
            self.variables = x, y, z
            fires = fires or start[0] < 1.0 <= x
        return fires

    def state(self) -> tuple[float, ...]:
        return self.variables


@dataclass
class LeakyIntegrateAndFire(Cell):
    """A leaky integrate-and-fire neuron with exponential synaptic currents, solved exactly over a tick."""

    taus: tuple[float, float, float] = (20.0, 5.0, 10.0)
    rest: float = -49.0
    threshold: float = -50.0
    reset: float = -60.0
    refractory_ticks: int = 5
    v: float = -65.0
    excitatory: float = 0.0
    inhibitory: float = 0.0
    separate: bool = True

    def propagate(self, tau: float) -> float:
        """What a current of one adds to the potential in a tick."""
        tau_m, rate = self.taus[0], 1.0 / tau - 1.0 / self.taus[0]
        integral = -math.expm1(-rate * self.dt) / rate if rate != 0 else self.dt
        return math.exp(-self.dt / tau_m) * integral / tau_m

    def live(self, tick: int, current: float) -> bool:
        tau_m, tau_exc, tau_inh = self.taus
        self.excitatory = self.excitatory + self.arriving.pop((tick, False), 0.0)
        self.inhibitory = self.inhibitory + self.arriving.pop((tick, True), 0.0)
        level = self.rest + current
        v = level + math.exp(-self.dt / tau_m) * (self.v - level)
        v = v + self.propagate(tau_exc) * self.excitatory
        v = v + self.propagate(tau_inh) * self.inhibitory
        self.excitatory = math.exp(-self.dt / tau_exc) * self.excitatory
        self.inhibitory = math.exp(-self.dt / tau_inh) * self.inhibitory
        if self.last_spike > 0 and tick - self.last_spike <= self.refractory_ticks:
            self.v = self.reset
            return False
        fires = v >= self.threshold
        self.v = self.reset if fires else v
        return fires

    def state(self) -> tuple[float, ...]:
        return self.v, self.excitatory, self.inhibitory


def exponential(x: float) -> float:
    """The exponential of −x for x of 0 or more: powers of two, the rest by its series."""
    if not x < 40.0:
        return 0.0
    n = math.floor(x * 1.4426950408889634 + 0.5)
    r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10
    series = 1.0 / math.factorial(13)
    for k in range(12, -1, -1):
        series = 1.0 / math.factorial(k) - r * series
    return series / 2**n


@dataclass
class ConductanceIntegrateAndFire(LeakyIntegrateAndFire):
    """A leaky integrate-and-fire neuron with exponential conductances, which act by their means over a tick."""

    reversals: tuple[float, float] = (0.0, -70.0)

    def mean(self, tau: float) -> float:
        """The mean of a conductance over a tick, if it is one at the beginning."""
        return -math.expm1(-self.dt / tau) * (tau / self.dt)

    def live(self, tick: int, current: float) -> bool:
        tau_m, tau_exc, tau_inh = self.taus
        self.excitatory = self.excitatory + self.arriving.pop((tick, False), 0.0)
        self.inhibitory = self.inhibitory - self.arriving.pop((tick, True), 0.0)
        exc, inh = self.mean(tau_exc) * self.excitatory, self.mean(tau_inh) * self.inhibitory
        total = 1.0 + exc + inh
        level = (self.rest + current + exc * self.reversals[0] + inh * self.reversals[1]) / total
        v = level + exponential(self.dt / tau_m * total) * (self.v - level)
        self.excitatory = math.exp(-self.dt / tau_exc) * self.excitatory
        self.inhibitory = math.exp(-self.dt / tau_inh) * self.inhibitory
        if self.last_spike > 0 and tick - self.last_spike <= self.refractory_ticks:
            self.v = self.reset
            return False
        fires = v >= self.threshold
        self.v = self.reset if fires else v
        return fires


@dataclass
class Poisson(Cell):
    """A neuron that fires at random."""

    seed: int = 0
    entity: int = 0
    rate: float = 10.0
    takes_input: bool = False

    def live(self, tick: int, current: float) -> bool:
        key = threefry2x32(stream(self.seed, "poisson_firing"), (tick, 0))
        return uniform(key, self.entity, 0) < self.rate * (self.dt / 1000.0)


@dataclass
class Train(Cell):
    """A neuron that fires by a list."""

    ticks: tuple[int, ...] = ()
    takes_input: bool = False

    def live(self, tick: int, current: float) -> bool:
        return tick in self.ticks


def logarithm(x: float) -> float:
    """The logarithm of x for x in (0, 1]: the exponent by halving, the rest by the series of artanh."""
    e = 0.0
    while x < 0.5:
        x, e = 2.0 * x, e - 1.0
    if x < math.sqrt(0.5):
        x, e = 2.0 * x, e - 1.0
    s = (x - 1.0) / (x + 1.0)
    series = 0.0
    for odd in range(23, 1, -2):
        series = s * s * series + 1.0 / odd
    return e * math.log(2.0) + 2.0 * (s + s * (s * s * series))


def cosine(u: float) -> float:
    """The cosine of u turns, by the series of the sine in the first quarter."""
    t = 0.25 - abs(u - 0.5)
    p = 2.0 * math.pi * abs(t)
    series = 1.0 / math.factorial(21)
    for odd in range(19, 1, -2):
        series = 1.0 / math.factorial(odd) - p * p * series
    sine = p - p * (p * p * series)
    return -sine if t > 0 else sine


def normal(key: tuple[int, int], entity: int) -> float:
    """A standard normal number by Box and Muller's method."""
    radius = math.sqrt(-2.0 * logarithm(1.0 - uniform(key, entity, 0)))
    return radius * cosine(uniform(key, entity, 1))


def current_at(waveform: list[tuple[float, float]], tick: int, dt: float) -> float:
    """A waveform at the beginning of a tick, nothing before its first point; times are multiples of the tick."""
    now, points = tick - 1, [(round(time / dt), value) for time, value in waveform]
    came = [k for k, (time, _) in enumerate(points) if time <= now]
    if not came:
        return 0.0
    time, value = points[came[-1]]
    if came[-1] + 1 == len(points):
        return value
    later, other = points[came[-1] + 1]
    return value + (now - time) * ((other - value) / (later - time))


@dataclass
class Noise:
    """Uniform (low, high) or normal (mean, s.d.) noise into some neurons, counted from 0."""

    purpose: str
    is_normal: bool
    bounds: tuple[float, float]
    targets: list[int]

    def at(self, seed: int, tick: int, entity: int) -> float:
        """What it adds."""
        key = threefry2x32(stream(seed, self.purpose), (tick, 0))
        if self.is_normal:
            return self.bounds[0] + self.bounds[1] * normal(key, entity)
        return self.bounds[0] + (self.bounds[1] - self.bounds[0]) * uniform(key, entity, 0)


@dataclass
class Network:
    """Neurons of any model, their synapses, and what drives them."""

    seed: int = 0
    dt: float = 1.0
    limit: float = math.inf
    cells: list[Cell] = field(default_factory=list)
    noises: list[Noise] = field(default_factory=list)
    waveform: list[tuple[float, float]] = field(default_factory=list)
    injected: list[int] = field(default_factory=list)
    tick: int = 0
    spikes: list[tuple[int, int]] = field(default_factory=list)

    def step(self) -> None:
        """Live through a tick: what arrives, noises in their order, the current; then spikes leave."""
        self.tick += 1
        firing = []
        for number, cell in enumerate(self.cells):
            current = 0.0 if cell.separate else cell.arriving.pop((self.tick, False), 0.0)
            for noise in self.noises:
                if number in noise.targets:
                    current = current + noise.at(self.seed, self.tick, number + 1)  # entities count from 1
            if number in self.injected:
                current = current + current_at(self.waveform, self.tick, self.dt)
            if cell.live(self.tick, current):
                firing.append(cell)
                self.spikes.append((self.tick, number))
        for cell in firing:
            cell.last_spike = self.tick
            for target, delay, weight in cell.axon:
                passed = min(max(weight, -self.limit), self.limit)
                key = self.tick + delay, target.separate and passed < 0
                target.arriving[key] = target.arriving.get(key, 0.0) + passed
