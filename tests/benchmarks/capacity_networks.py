"""Capacity networks to be measured, made many entities at a time."""

from __future__ import annotations

import numpy as np

from runen_ecs.components import (
    Accumulator,
    Activity,
    Capacity,
    Delay,
    InputPort,
    LastHit,
    LastSignal,
    Source,
    Target,
    Weight,
)
from runen_ecs.engine import DispatcherBuilder, World
from runen_ecs.network import WHEN_QUIET, WITH_THE_LAST, SignalQueue, Stimuli, connect
from runen_ecs.scenarios.network_simulation import is_quiet
from runen_ecs.scenarios.plans import add_arriving, add_leaving
from runen_ecs.systems import QuietWatch


class Layers:
    """Layers of neurons, each fed by the layer before at random, the first by ports; a chain is layers of one neuron.

    Parameters
    ----------
    n_layers, width, fan_in : int
    maximum : float
        Of every synapse, and its regeneration.
    """

    def __init__(self, n_layers: int, width: int, fan_in: int, maximum: float) -> None:
        self.world, self.width = World(), width
        neuron = self.world.create_entities(n_layers * width, Accumulator.batch(), Activity.batch())
        layers = neuron.reshape(n_layers, width)
        rng = np.random.default_rng(1)
        chosen = [
            layer[rng.integers(0, width, width * fan_in)] if fan_in > 1 else layer  # chains side by side
            for layer in layers[:-1]
        ]
        size = Capacity.batch(level=maximum, maximum=maximum, regeneration=maximum)
        also = size, LastSignal.batch(), LastHit.batch()
        connect(self.world, np.concatenate(chosen), np.repeat(layers[1:].ravel(), fan_in), also=also)
        first = self.world.create_entities(
            width, Target.batch(neuron=layers[0]), Source.batch(), Delay.batch(), Weight.batch(), *also
        )
        self.world.create_entities(width, InputPort.batch(number=np.arange(width), synapse=first))
        builder = DispatcherBuilder()
        add_arriving(builder)
        add_leaving(builder)
        builder.add(QuietWatch(), "quiet_watch", after="axonal_conduction")
        self.dispatcher = builder.build(self.world)
        self.world.maintain()
        self.stimuli, self.queue = self.world.resource(Stimuli), self.world.resource(SignalQueue)

    @property
    def ports(self) -> np.ndarray:
        """The numbers of all ports."""
        return np.arange(self.width)

    def run(self, port: np.ndarray, size: float, due: np.ndarray | int = WHEN_QUIET) -> int:
        """Let signals in and run until quiet; return how many signals arrived at synapses."""
        before = self.queue.delivered
        self.stimuli.forget_past()
        self.stimuli.add(self.world, port, np.full(port.size, size), due)
        self.dispatcher.run(2**31 - 1 - self.world.tick, watch=lambda tick: is_quiet(self.world))
        return self.queue.delivered - before

    def run_waves(self, waves: int, size: float) -> int:
        """Let a signal in through all ports at once, and again when all is quiet."""
        due = np.full((waves, self.width), WITH_THE_LAST)
        due[:, 0] = WHEN_QUIET
        return self.run(np.tile(self.ports, waves), size, due.ravel())
