"""The network: who is wired to whom, what travels, and who fires; resources that follow every change of structure."""

from .capacity_network import CapacityNetwork
from .connecting import connect, connect_synapse, dendrite_of, dendrites_of, disconnect
from .creation import create_network
from .delay_line import DelayLine
from .fired import Fired
from .populations import ALL, Populations, Selection, Shape
from .ports import WHEN_QUIET, WITH_THE_LAST, Connections, Stimuli
from .rules import synapses_of_rule
from .signals import Arrivals, Emissions, SignalQueue
from .snapshot import describe, restore
from .spike_times import SpikeTimes, spike_trains
from .spike_traces import SpikeTraces
from .status import NeuronStatus, PortStatus, neuron_status, port_status
from .topology import Topology

__all__ = [
    "ALL",
    "WHEN_QUIET",
    "WITH_THE_LAST",
    "Arrivals",
    "CapacityNetwork",
    "Connections",
    "DelayLine",
    "Emissions",
    "Fired",
    "NeuronStatus",
    "Populations",
    "PortStatus",
    "Selection",
    "Shape",
    "SignalQueue",
    "SpikeTimes",
    "SpikeTraces",
    "Stimuli",
    "Topology",
    "connect",
    "connect_synapse",
    "create_network",
    "dendrite_of",
    "dendrites_of",
    "describe",
    "disconnect",
    "neuron_status",
    "port_status",
    "restore",
    "spike_trains",
    "synapses_of_rule",
]
