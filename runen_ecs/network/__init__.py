"""The network: who is wired to whom, what travels, and who fires; resources that follow every change of structure."""

from .connecting import connect, dendrite_of, disconnect
from .delay_line import DelayLine
from .fired import Fired
from .topology import Topology

__all__ = ["DelayLine", "Fired", "Topology", "connect", "dendrite_of", "disconnect"]
