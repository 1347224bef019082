"""One style for all pictures: readable in print, and by colour-blind people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..files import RunData, write_atomically

__all__ = ["INK", "PALETTE", "footer", "mark_phases", "new_figure", "phases_of", "save_picture", "seconds_to_show"]

# Okabe & Ito 2008, "Color universal design".
PALETTE = ("#E69F00", "#D55E00", "#009E73", "#CC79A7", "#0072B2", "#56B4E9", "#F0E442", "#000000")
INK = "#222222"
FAINT = "#777777"
DPI = 120
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "white",
    "svg.hashsalt": "runen-ecs",
}


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches, at 120 dots per inch."""
    figure = Figure(figsize=(width, height), dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def save_picture(draw: Any, data: RunData, path: Path) -> Path:
    """Draw a picture and write it as PNG.

    Parameters
    ----------
    draw : callable
        ``draw(data) -> Figure``.
    data : RunData
    path : Path

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with rc_context(SETTINGS):
        figure = draw(data)
        write_atomically(path, lambda file: figure.savefig(file, format="png", metadata={"Software": None}))
    return path


def footer(figure: Figure, data: RunData) -> None:
    """Say in small print what was run."""
    scenario = data.meta["scenario"]
    seconds = data.n_ticks * data.meta["dt_ms"] / 1000
    partial = " (stopped early)" if data.meta["partial"] else ""
    text = (
        f"{scenario['title']}  ·  seed {data.meta['seed']}  ·  {data.neuron_column.size:,} neurons, "
        f"{data.weight.size:,} synapses  ·  {seconds:g} s{partial}  ·  runen-ecs {data.meta['versions']['runen-ecs']}"
    )
    figure.text(0.99, 0.008, text, ha="right", va="bottom", fontsize=7.5, color=FAINT)


def phases_of(data: RunData) -> list[tuple[str, float, float]]:
    """Return name, start and end [s] of the phases that the run has reached."""
    end = data.n_ticks * data.meta["dt_ms"] / 1000
    phases = []
    for phase in data.meta["phases"]:
        if phase["from_s"] < end:
            phases.append((phase["name"], phase["from_s"], min(phase["to_s"], end)))
    return phases


def mark_phases(
    axes: Axes, phases: list[tuple[str, float, float]], *, named: bool = False, shaded: bool = True
) -> None:
    """Mark where phases begin and end, and name them above."""
    for name, start, stop in phases:
        if shaded:
            axes.axvspan(start, stop, color="#000000", alpha=0.05, lw=0, zorder=0)
        for edge in (start, stop):
            axes.axvline(edge, color=FAINT, lw=0.7, ls=(0, (4, 3)), zorder=3)
        if named:
            axes.text((start + stop) / 2, 1.015, name, transform=axes.get_xaxis_transform(), ha="center", va="bottom")


def seconds_to_show(data: RunData) -> list[tuple[str, float, float]]:
    """Return the seconds to look at closely: the middle one of each phase, or of the run; name, start and end [s]."""
    end = data.n_ticks * data.meta["dt_ms"] / 1000
    windows = []
    for name, start, stop in phases_of(data)[:3] or [("", 0.0, end)]:
        middle = (start + stop) / 2
        begin = max(0.0, min(middle - 0.5, end - 1.0))
        windows.append((name, begin, min(begin + 1.0, end)))
    return windows
