"""One style for all pictures: readable in print, and by colour-blind people."""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
from matplotlib import colormaps, style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text

from ..files import RunData, write_atomically

__all__ = [
    "DEPTH",
    "INK",
    "PALETTE",
    "end_of",
    "fit",
    "footer",
    "mark_phases",
    "network_footer",
    "new_figure",
    "phases_of",
    "save_picture",
    "seconds_to_show",
]

# Okabe & Ito 2008, "Color universal design".
PALETTE = ("#E69F00", "#D55E00", "#009E73", "#CC79A7", "#0072B2", "#56B4E9", "#F0E442", "#000000")
DEPTH = LinearSegmentedColormap.from_list("depth", colormaps["viridis_r"](np.linspace(0.15, 1, 64)))
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
    "text.parse_math": False,
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
    with style.context(["default", SETTINGS]):  # whatever the user has set for other pictures
        figure = draw(data)
        write_atomically(path, lambda file: figure.savefig(file, format="png", metadata={"Software": None}))
    return path


def footer(figure: Figure, data: RunData) -> None:
    """Say in small print what was run."""
    scenario = data.meta["scenario"]
    seconds = data.n_ticks * data.meta["dt_ms"] / 1000
    partial = " (stopped early)" if data.meta["partial"] else ""
    title = shorten(scenario["title"], 80, placeholder="…")
    text = (
        f"{title}  ·  seed {data.meta['seed']}  ·  {data.neuron_column.size:,} neurons, "
        f"{data.weight.size:,} synapses  ·  {seconds:g} s{partial}  ·  runen-ecs {data.meta['versions']['runen-ecs']}"
    )
    _small_print(figure, text)


def network_footer(figure: Figure, data: RunData, n_neurons: int, n_inputs: int) -> None:
    """Say in small print what was run, for a capacity network."""
    partial = " (stopped early)" if data.meta["partial"] else ""
    title = shorten(data.meta["scenario"]["title"], 40, placeholder="…")
    text = (
        f"{title}  ·  seed {data.meta['seed']}  ·  {n_neurons:,} neurons, {n_inputs:,} inputs  ·  "
        f"{data.n_ticks:,} ticks{partial}  ·  runen-ecs {data.meta['versions']['runen-ecs']}"
    )
    _small_print(figure, text)


def _small_print(figure: Figure, text: str) -> None:
    width, height = figure.get_size_inches()
    figure.text(1 - 0.15 / width, 0.08 / height, text, ha="right", va="bottom", fontsize=7.5, color=FAINT)


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
            place = axes.get_xaxis_transform()
            fit(axes.text((start + stop) / 2, 1.015, name, transform=place, ha="center", va="bottom"), start, stop)


def fit(text: Text, start: float, stop: float) -> None:
    """Take a text out again if it is wider than the part of the time axis [s] that it belongs to."""
    axes = text.axes
    assert axes is not None
    left, right = axes.transData.transform([(start, 0), (stop, 0)])[:, 0]
    if text.get_window_extent().width > right - left:
        text.remove()


def end_of(data: RunData) -> float:
    """Return where the time axis ends [s]; a run that has not begun has an axis of one tick."""
    return max(data.n_ticks, 1) * float(data.meta["dt_ms"]) / 1000


def seconds_to_show(data: RunData) -> list[tuple[str, float, float]]:
    """Return the seconds to look at closely, the middle one of each phase or of the run: title, start and end [s]."""
    end = end_of(data)
    windows = []
    for name, start, stop in phases_of(data)[:3] or [("", 0.0, end)]:
        middle = (start + stop) / 2
        begin = max(0.0, min(middle - 0.5, end - 1.0))
        length = "one second" if end >= 1 else f"{1000 * end:g} ms"
        title = f"{length}, {shorten(name, 30, placeholder='…')}" if name else length
        windows.append((title, begin, min(begin + 1.0, end)))
    return windows
