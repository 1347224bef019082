"""The kinds of entities."""

from runen_ecs.engine.component import Kind

__all__ = ["DENDRITE", "NEURON", "SYNAPSE"]

NEURON = Kind("neuron")
SYNAPSE = Kind("synapse", ("synapse", "dendrite"))
DENDRITE = Kind("dendrite", ("synapse", "dendrite"))
