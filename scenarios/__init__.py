"""Experiments as data, and the command that runs them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .building import Simulation, build
    from .loading import find, load, shipped
    from .looking_back import RecordedRun
    from .network_simulation import NetworkSimulation

__all__ = ["NetworkSimulation", "RecordedRun", "Simulation", "build", "find", "load", "shipped"]


def __getattr__(name: str) -> Any:
    """Import what is asked for: the command line must not wait for numba to print its help."""
    from importlib import import_module

    for module in ("loading", "building", "network_simulation", "looking_back"):
        if name in __all__ and hasattr(found := import_module(f".{module}", __name__), name):
            return getattr(found, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
