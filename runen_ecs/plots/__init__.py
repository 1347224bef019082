"""Pictures of a run, drawn from `RunData` alone; the same data give the same bytes."""

from .animation import draw_animation
from .network import draw_network
from .raster import draw_spikes
from .signals import draw_signals
from .style import save_picture
from .trace import draw_trace

__all__ = ["draw_animation", "draw_network", "draw_signals", "draw_spikes", "draw_trace", "save_picture"]
