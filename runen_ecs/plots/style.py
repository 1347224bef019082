"""One style for all pictures: readable in print, and by colour-blind people."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten
from typing import Any, TypeVar

import numpy as np
from matplotlib import colormaps, style
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from ..files import RunData, write_atomically

__all__ = [
    "DASHES",
    "DEPTH",
    "INK",
    "LINES",
    "PALETTE",
    "end_of",
    "fit",
    "footer",
    "heading",
    "label_time",
    "mark_phases",
    "network_footer",
    "new_figure",
    "our_style",
    "phases_of",
    "plain_numbers",
    "save_picture",
    "seconds_to_show",
    "time_text",
]

Drawn = TypeVar("Drawn")

# Okabe & Ito 2008, "Color universal design".
PALETTE = ("#E69F00", "#D55E00", "#009E73", "#CC79A7", "#0072B2", "#56B4E9", "#F0E442", "#000000")
# Lines are told apart without colours, too.
DASHES = ("solid", (0, (5, 1.5)), (0, (1.5, 1)), (0, (6, 1.5, 1.5, 1.5)), (0, (10, 2)), (0, (3, 1, 1, 1, 1, 1)))
DEPTH = LinearSegmentedColormap.from_list("depth", colormaps["viridis_r"](np.linspace(0.15, 1, 64)))
LINES: Any = tuple(zip((PALETTE[4], PALETTE[1], PALETTE[2], PALETTE[3], PALETTE[0], PALETTE[7]), DASHES, strict=True))
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


@contextmanager
def our_style() -> Iterator[None]:
    """Draw in this style whatever the user has set for other pictures; signs that the font lacks become boxes."""
    with style.context(["default", SETTINGS]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        yield


def save_picture(draw: Callable[[Drawn], Figure], data: Drawn, path: Path) -> Path:
    """Draw a picture and write it as PNG.

    Parameters
    ----------
    draw : callable
        ``draw(data) -> Figure``.
    data : RunData
        Or what else the picture is drawn from.
    path : Path

    Raises
    ------
    FileError
        If it cannot be written.
    """
    with our_style():
        figure = draw(data)
        write_atomically(path, lambda file: figure.savefig(file, format="png", metadata={"Software": None}))
    return path


def footer(figure: Figure, data: RunData) -> None:
    """Say in small print what was run."""
    scenario = data.meta["scenario"]
    length = time_text(data.n_ticks * data.meta["dt_ms"] / 1000)
    partial = " (stopped early)" if data.meta["partial"] else ""
    title = shorten(scenario["title"], 80, placeholder="…")
    text = (
        f"{title}  ·  seed {data.meta['seed']}  ·  {data.neuron_column.size:,} neurons, "
        f"{data.weight.size:,} synapses  ·  {length}{partial}  ·  runen-ecs {data.meta['versions']['runen-ecs']}"
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


def heading(figure: Figure, text: str) -> None:
    """Write the heading of a picture, at its upper left."""
    width, height = figure.get_size_inches()
    figure.text(0.3 / width, 1 - 0.16 / height, text, fontsize=13, weight="bold", va="top")


def time_text(seconds: float) -> str:
    """Return a time with its unit: milliseconds below a second."""
    return f"{seconds:g} s" if seconds >= 1 or seconds == 0 else f"{1000 * seconds:g} ms"


def plain_numbers(axis: Axis) -> None:
    """Write the numbers of a logarithmic axis in full: 0.1, 1, 10, 1,000."""
    axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.0f}" if number >= 1 else f"{number:g}"))
    axis.set_minor_formatter(NullFormatter())


def label_time(axes: Axes, data: RunData) -> None:
    """Let the time axis [s] of a panel begin and end with the run; show milliseconds where it ends within a second."""
    end = end_of(data)
    axes.set_xlim(0, end)
    if end < 1:
        axes.xaxis.set_major_locator(MaxNLocator(9, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: f"{1000 * seconds:g}"))
    axes.set_xlabel("time [ms]" if end < 1 else "time [s]")


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
    """Return the seconds to look at closely, the middle one of each phase or of the run: title, start and end [s].

    A phase of less than a second is shown whole. None in a run of a second or less, which is seen closely anyway.
    """
    end = end_of(data)
    if end <= 1:
        return []
    windows = []
    for name, start, stop in phases_of(data)[:3] or [("", 0.0, end)]:
        whole = stop - start < 1.0
        begin = start if whole else (start + stop) / 2 - 0.5
        what = time_text(stop - start) if whole else "one second"
        title = f"{what}, {shorten(name, 30, placeholder='…')}" if name else what
        windows.append((title, begin, stop if whole else begin + 1.0))
    return windows
