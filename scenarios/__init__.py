"""Experiments as data, and the command that runs them."""

from .building import Simulation, build
from .loading import find, load, shipped

__all__ = ["Simulation", "build", "find", "load", "shipped"]
