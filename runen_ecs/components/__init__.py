"""What neurons, synapses and dendrites are made of."""

from .dendrite import Target, Weight
from .kinds import DENDRITE, NEURON, SYNAPSE
from .neuron import ActionPotential, ColumnCoordinates, Izhikevich, LastSpike, Membrane, Recovery, SynapticInput
from .synapse import Delay, Source

__all__ = [
    "DENDRITE",
    "NEURON",
    "SYNAPSE",
    "ActionPotential",
    "ColumnCoordinates",
    "Delay",
    "Izhikevich",
    "LastSpike",
    "Membrane",
    "Recovery",
    "Source",
    "SynapticInput",
    "Target",
    "Weight",
]
