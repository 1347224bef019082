"""Files of capacity networks, JSON and YAML: read, checked, written."""

from .reading import Findings, check_network, load_network, network_from_data
from .source import NetworkFileError
from .writing import network_to_data, save_network

__all__ = [
    "Findings",
    "NetworkFileError",
    "check_network",
    "load_network",
    "network_from_data",
    "network_to_data",
    "save_network",
]
