"""Panels above one another, over one time axis."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..files import RunData
from .style import FAINT, fit, footer, heading, label_time, mark_phases, new_figure, phases_of

__all__ = ["MOST_PANELS", "stack_panels"]

MOST_PANELS = 12
WIDTH, LEFT, RIGHT, ABOVE, BELOW, APART = 15.0, 0.95, 0.35, 1.05, 0.75, 0.36
NAMES = 0.3
TALLEST, SHORTEST, IN_ALL = 2.4, 0.85, 13.0


def stack_panels(data: RunData, n: int, title: str, what: str) -> tuple[Figure, list[Axes]]:
    """Return a picture with n panels, 12 at most, whose time axes are those of the run; it says how many are left out.

    Parameters
    ----------
    data : RunData
    n : int
        At least one.
    title : str
        Heading of the picture.
    what : str
        What is left out, in the plural.
    """
    shown = min(n, MOST_PANELS)
    each = min(TALLEST, max(SHORTEST, IN_ALL / shown - APART))
    height = ABOVE + BELOW + shown * each + (shown - 1) * APART
    figure = new_figure(WIDTH, height)
    grid = figure.add_gridspec(
        shown,
        1,
        hspace=APART / each,
        left=LEFT / WIDTH,
        right=1 - RIGHT / WIDTH,
        top=1 - ABOVE / height,
        bottom=BELOW / height,
    )
    panels: list[Axes] = []
    for place in range(shown):
        axes = figure.add_subplot(grid[place], sharex=panels[0] if panels else None)
        axes.tick_params(labelbottom=place == shown - 1)
        mark_phases(axes, phases_of(data))
        panels.append(axes)
    label_time(panels[-1], data)
    for name, start, stop in phases_of(data):
        x, y = (start + stop) / 2, 1 + NAMES / each
        fit(
            panels[0].text(x, y, name, transform=panels[0].get_xaxis_transform(), ha="center", va="bottom"), start, stop
        )
    heading(figure, title)
    footer(figure, data)
    if shown < n:
        note = f"the first {shown} of {n:,} {what}"
        figure.text(0.3 / WIDTH, 0.08 / height, note, fontsize=8, color=FAINT, va="bottom")
    return figure, panels
