"""What capacity networks are measured against: the rules in one hand-written loop over the same arrays."""

from __future__ import annotations

import numba
import numpy as np

from runen_ecs.components import Accumulator, Activity, Capacity, LastHit, Target, Weight
from runen_ecs.engine import World
from runen_ecs.network import Connections, Topology
from runen_ecs.network.ports import input_rows


@numba.njit
def run_waves(
    fed, waves, size, axon, target, weight, level, maximum, regeneration, value, bias, hits, resets, round_hits,
    round_hit, n_connected, synapse, signal, limit,
):  # fmt: skip
    """Send a signal into each fed synapse, run until quiet, and again; return how many signals arrived."""
    total = 0
    for _ in range(waves):
        slot, n = 0, fed.size
        synapse[0, :n] = fed
        signal[0, :n] = size
        while n:
            total += n
            m = 0
            for j in range(n):
                k = synapse[slot, j]
                passed = min(signal[slot, j], level[k])
                level[k] = min(level[k] - passed + regeneration[k], maximum[k])
                x = passed * weight[k]
                i = target[k]
                hits[i] += 1
                out = 0.0
                if round_hit[k] == resets[i] + 1:
                    out, value[i] = value[i], x + bias[i]
                    resets[i] += 1
                    round_hit[k] = resets[i] + 1
                    round_hits[i] = 1
                else:
                    value[i] += x
                    round_hit[k] = resets[i] + 1
                    round_hits[i] += 1
                    if round_hits[i] >= n_connected[i]:
                        out, value[i] = value[i], bias[i]
                        resets[i] += 1
                        round_hits[i] = 0
                if out > 0.0:
                    for other in range(axon[i], axon[i + 1]):
                        synapse[1 - slot, m] = other
                        signal[1 - slot, m] = out
                        m += 1
            slot, n = 1 - slot, m
    return total


class CapacityYardstick:
    """The network of a world, copied, in one loop."""

    def __init__(self, world: World, ports: np.ndarray, room: int) -> None:
        def copy(component):
            return {name: array.copy() for name, array in world.storage(component).array.items()}

        world.maintain()
        capacity, accumulator, activity = copy(Capacity), copy(Accumulator), copy(Activity)
        self.fed = input_rows(world, ports.astype(np.int32))[1]
        self.value = accumulator["value"]
        self.rest = (
            world.resource(Topology).axon_first, world.storage(Target).array["neuron"], copy(Weight)["value"],
            capacity["level"], capacity["maximum"], capacity["regeneration"], self.value, accumulator["bias"],
            activity["hits"], activity["resets"], activity["round_hits"], copy(LastHit)["round"],
            world.resource(Connections).n_connected, np.zeros((2, room), np.int32), np.zeros((2, room)), 0,
        )  # fmt: skip

    def run(self, waves: int, size: float) -> int:
        """Send waves of signals of one size into all fed synapses; return how many signals arrived."""
        return run_waves(self.fed, waves, size, *self.rest)
