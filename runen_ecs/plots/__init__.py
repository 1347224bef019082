"""Pictures of a run, drawn from `RunData` alone; the same data give the same bytes."""

from .animation import can_be_animated, draw_animation
from .comparison import draw_comparison
from .intervals import draw_intervals
from .network import draw_network
from .panels import draw_panels
from .passes import draw_passes
from .raster import draw_spikes
from .rates import draw_rates
from .rhythm import draw_rhythm
from .signals import draw_signals
from .style import save_picture
from .trace import draw_trace
from .traces import draw_traces
from .values import draw_values
from .weights import draw_weights
from .window import draw_window, pairs_of

__all__ = [
    "can_be_animated",
    "draw_animation",
    "draw_comparison",
    "draw_intervals",
    "draw_network",
    "draw_panels",
    "draw_passes",
    "draw_rates",
    "draw_rhythm",
    "draw_signals",
    "draw_spikes",
    "draw_trace",
    "draw_traces",
    "draw_values",
    "draw_weights",
    "draw_window",
    "pairs_of",
    "save_picture",
]
