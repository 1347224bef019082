"""The kinds of entities."""

from runen_ecs.engine.component import Kind

__all__ = ["DENDRITE", "INPUT_PORT", "NEURON", "OUTPUT_PORT", "SYNAPSE"]

NEURON = Kind("neuron")
SYNAPSE = Kind("synapse", ("synapse", "dendrite"))
DENDRITE = Kind("dendrite", ("synapse", "dendrite"))
INPUT_PORT = Kind("input port")
OUTPUT_PORT = Kind("output port")
