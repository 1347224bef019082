"""Cells by name, as values of components.

>>> PRESETS["fast spiking"].a
0.1
"""

from collections.abc import Mapping
from types import MappingProxyType

from .neuron import Izhikevich

__all__ = ["PRESETS"]

PRESETS: Mapping[str, Izhikevich] = MappingProxyType(
    {
        # Izhikevich 2003, "Simple model of spiking neurons", figure 2
        "regular spiking": Izhikevich(a=0.02, b=0.2, c=-65.0, d=8.0),
        "intrinsically bursting": Izhikevich(a=0.02, b=0.2, c=-55.0, d=4.0),
        "chattering": Izhikevich(a=0.02, b=0.2, c=-50.0, d=2.0),
        "fast spiking": Izhikevich(a=0.1, b=0.2, c=-65.0, d=2.0),
        "low-threshold spiking": Izhikevich(a=0.02, b=0.25, c=-65.0, d=2.0),
        "thalamo-cortical": Izhikevich(a=0.02, b=0.25, c=-65.0, d=0.05),
        "resonator": Izhikevich(a=0.1, b=0.26, c=-65.0, d=2.0),
        # The file of morphologies of the original columnar program, where it differs from the paper
        "column": Izhikevich(a=0.02, b=0.2, c=-65.0, d=2.0),  # there: regular spiking; the default columns' cell
        "column low-threshold spiking": Izhikevich(a=0.1, b=0.25, c=-55.0, d=2.0),
    }
)
