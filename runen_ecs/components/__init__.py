"""What neurons, synapses, dendrites and ports are made of."""

from .dendrite import LastHit, Plasticity, Target, Weight
from .kinds import DENDRITE, INPUT_PORT, NEURON, OUTPUT_PORT, SYNAPSE
from .neuron import (
    Accumulator,
    ActionPotential,
    Activity,
    ColumnCoordinates,
    HindmarshRose,
    HindmarshRoseCurrents,
    Izhikevich,
    LastSpike,
    LeakyIntegrateAndFire,
    Membrane,
    PoissonSource,
    Recovery,
    SpikeSize,
    SpikeTrain,
    SynapticCurrents,
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
    "HindmarshRose",
    "HindmarshRoseCurrents",
    "InputPort",
    "Izhikevich",
    "LastHit",
    "LastSignal",
    "LastSpike",
    "LeakyIntegrateAndFire",
    "Membrane",
    "OutputPort",
    "Plasticity",
    "PoissonSource",
    "Recovery",
    "Source",
    "SpikeSize",
    "SpikeTrain",
    "SynapticCurrents",
    "SynapticInput",
    "Target",
    "Weight",
]
