"""The yardstick: the default network as one hand-written numba loop, without entities, components or systems.

It is what one would write who wants this one network and nothing else to run fast: everything that can share a pass
shares it (arrival, noise and integration; sending and weakening), with the same random numbers and the same bits.
"""

from __future__ import annotations

import numpy as np

from runen_ecs.components import Delay, Target, Weight
from runen_ecs.engine import Rows, kernel
from runen_ecs.engine.random import draw, stream, threefry2x32
from runen_ecs.network import Topology
from runen_ecs.scenarios import Simulation


@kernel
def live(
    ticks, key0, key1, low, width, a, b, c, d, v, u, pending, last, row, axon_first, delay, target, weight,
    dendrite_first, dendrite_row, dendrite_source, limit, amplitude, inverse, window, spike_tick, spike_neuron,
):  # fmt: skip
    """Run so many ticks; return how many spikes there were."""
    mask = pending.shape[0] - 1
    n_spikes = 0
    for tick in range(1, ticks + 1):
        tick0, tick1 = threefry2x32(key0, key1, tick, 0)
        slot = tick & mask
        for i in range(v.size):
            current = pending[slot, i] + (low + width * draw(tick0, tick1, i + 1, 0))
            pending[slot, i] = 0.0
            x = v[i]
            y = u[i]
            x += 0.5 * (0.04 * x * x + 5.0 * x + 140.0 - y + current)
            x += 0.5 * (0.04 * x * x + 5.0 * x + 140.0 - y + current)
            u[i] = y + a * (b * x - y)
            v[i] = x
        n = 0
        for i in range(v.size):
            row[n] = i
            n += v[i] >= 30.0
        if n == 0:
            continue
        for i in range(v.size):
            window[i] = amplitude / (1.0 + (tick - last[i]) * inverse) if last[i] > 0 else 0.0
        for j in range(n):
            i = row[j]
            v[i] = c
            u[i] += d
            spike_tick[n_spikes] = tick
            spike_neuron[n_spikes] = i
            n_spikes += 1
            for k in range(axon_first[i], axon_first[i + 1]):
                strength = weight[k]
                pending[(tick + delay[k]) & mask, target[k]] += min(max(strength, -limit), limit)
                weight[k] = strength - window[target[k]]
        for j in range(n):
            window[row[j]] = amplitude
            last[row[j]] = tick
        for j in range(n):
            i = row[j]
            for m in range(dendrite_first[i], dendrite_first[i + 1]):
                weight[dendrite_row[m]] += window[dendrite_source[m]]
    return n_spikes


class Yardstick:
    """The arrays of the default network, copied from a simulation that has not run yet."""

    def __init__(self, simulation: Simulation, room: int) -> None:
        world, scenario = simulation.world, simulation.scenario
        n = simulation.neurons.size
        net = world.resource(Topology)
        noise, rule = scenario.thalamic_input, scenario.stdp
        assert noise is not None
        assert rule is not None
        self.weight = world.storage(Weight).arrays.value.copy()
        self.spike_tick: Rows = np.empty(room, np.int32)
        self.spike_neuron: Rows = np.empty(room, np.int32)
        delay = world.storage(Delay).arrays.ticks
        depth = 1 << int(delay.max()).bit_length()
        cell = scenario.cell
        assert cell is not None
        self.arguments = (
            *stream(scenario.seed, "thalamic_input"), noise.low, noise.high - noise.low,
            cell.a, cell.b, cell.c, cell.d, np.full(n, cell.v), np.full(n, cell.b * cell.v), np.zeros((depth, n)),
            np.zeros(n, np.int32), np.zeros(n + 1, np.int32),
            net.axon_first, delay, world.storage(Target).arrays.neuron, self.weight,
            net.dendrite_first, net.dendrite_row, net.dendrite_source,
            scenario.synapses.limit, rule.amplitude, 1.0 / rule.horizon, np.zeros(n),
            self.spike_tick, self.spike_neuron,
        )  # fmt: skip

    def run(self, ticks: int) -> int:
        """Run from the start."""
        n_spikes: int = live(ticks, *self.arguments)
        return n_spikes
