"""What neurons, synapses, dendrites and ports are made of."""

from .dendrite import LastHit, Target, Weight
from .kinds import DENDRITE, INPUT_PORT, NEURON, OUTPUT_PORT, SYNAPSE
from .neuron import (
    Accumulator,
    ActionPotential,
    Activity,
    ColumnCoordinates,
    Izhikevich,
    LastSpike,
    Membrane,
    Recovery,
    SpikeSize,
    SynapticInput,
)
from .port import InputPort, OutputPort
from .synapse import Capacity, Delay, LastSignal, Source

__all__ = [
    "DENDRITE",
    "INPUT_PORT",
    "NEURON",
    "OUTPUT_PORT",
    "SYNAPSE",
    "Accumulator",
    "ActionPotential",
    "Activity",
    "Capacity",
    "ColumnCoordinates",
    "Delay",
    "InputPort",
    "Izhikevich",
    "LastHit",
    "LastSignal",
    "LastSpike",
    "Membrane",
    "OutputPort",
    "Recovery",
    "Source",
    "SpikeSize",
    "SynapticInput",
    "Target",
    "Weight",
]
