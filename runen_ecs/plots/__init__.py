"""Pictures of a run, drawn from `RunData` alone; the same data give the same bytes."""

from .animation import can_be_animated, draw_animation
from .comparison import draw_comparison
from .network import draw_network
from .passes import draw_passes
from .raster import draw_spikes
from .signals import draw_signals
from .style import save_picture
from .trace import draw_trace

__all__ = [
    "can_be_animated",
    "draw_animation",
    "draw_comparison",
    "draw_network",
    "draw_passes",
    "draw_signals",
    "draw_spikes",
    "draw_trace",
    "save_picture",
]
