"""Pictures of a run, drawn from `RunData` alone; the same data give the same bytes."""

from .raster import draw_spikes
from .style import save_picture
from .trace import draw_trace

__all__ = ["draw_spikes", "draw_trace", "save_picture"]
