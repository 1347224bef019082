"""``rhythm.png``: how the rhythm of a population changes, and its spectrum."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..analysis import peak_frequency, population_count, spectrogram, spectrum
from ..files import RunData
from .style import INK, LINES, end_of, fit, footer, heading, label_time, mark_phases, new_figure, phases_of

__all__ = ["TOP_HZ", "draw_rhythm", "draw_spectrogram"]

TOP_HZ = 40.0
TOPS_HZ = (TOP_HZ, 100.0, 250.0)
LOWEST_HZ = 1.0
MOST_PHASES = 4
PROMINENT = 8.0
FLOOR_DB = -40.0


def draw_rhythm(data: RunData) -> Figure:
    """Draw the spectrogram of all spikes of a run, and beside it Welch's spectrum of each phase or of the run."""
    figure = new_figure(15, 7)
    grid = figure.add_gridspec(1, 2, width_ratios=[3.2, 1], wspace=0.06, left=0.055, right=0.98, top=0.87, bottom=0.1)
    over_time = figure.add_subplot(grid[0])
    dt = data.meta["dt_ms"]
    count = population_count(data.spike_tick, data.n_ticks)
    phases = phases_of(data)
    top = _top_of(count, dt)
    draw_spectrogram(over_time, count, dt, phases, top)
    over_time.set_ylim(over_time.images[0].get_extent()[2], top)
    label_time(over_time, data)
    mark_phases(over_time, phases, named=True, shaded=False)
    over_time.set_ylabel("frequency [Hz]")
    _draw_spectra(figure.add_subplot(grid[1], sharey=over_time), count, dt, phases or [("", 0.0, end_of(data))])
    heading(figure, "The rhythm of all spikes")
    footer(figure, data)
    return figure


def draw_spectrogram(
    axes: Axes, count: NDArray[np.int64], dt: float, phases: list[tuple[str, float, float]], top: float = TOP_HZ
) -> None:
    """Draw the spectrum of a population count [spikes a tick] over time, and where it is largest in each phase.

    Parameters
    ----------
    axes : Axes
    count : (n_ticks,) int
    dt : float
        Length of a tick [ms].
    phases : list of (str, float, float)
        Name, start and end [s].
    top : float
        Highest frequency shown [Hz].
    """
    power, frequency, time = spectrogram(count, dt)
    shown = (frequency >= LOWEST_HZ) & (frequency <= top + 1)
    decibel = 10 * np.log10(np.maximum(power[shown], 1e-12))
    low, high = np.quantile(decibel, [0.35, 0.998]) if decibel.size else (0, 1)
    decibel = np.hstack([decibel, decibel[:, -1:]])  # so that the last cell reaches the end of the run
    half = time[1] - time[0] if time.size > 1 else 1.0
    extent = (time[0] - half / 2, time[-1] + 1.5 * half, frequency[shown][0], frequency[shown][-1])
    axes.imshow(
        decibel, extent=extent, origin="lower", aspect="auto", cmap="cividis", vmin=low, vmax=max(high, low + 1)
    )
    axes.set_ylabel("rhythm [Hz]")
    for _, start, stop in phases:
        part = count[round(start * 1000 / dt) : round(stop * 1000 / dt)]
        peak = peak_frequency(part, dt)
        for edge in (start, stop):
            axes.axvline(edge, color="white", lw=0.7, ls=(0, (4, 3)))
        if peak is not None:
            label = f"strongest at {peak:.1f} Hz"
            text = axes.text((start + stop) / 2, top - 1.5, label, color="white", ha="center", va="top", fontsize=9)
            fit(text, start, stop)


def _top_of(count: NDArray[np.int64], dt: float) -> float:
    """Return the highest frequency to show [Hz]: well above where the spectrum is largest."""
    if not count.any():
        return TOP_HZ
    power, frequency = spectrum(count, dt)
    looked_at = (frequency >= 2 * LOWEST_HZ) & (frequency <= TOPS_HZ[-1])
    power, frequency = power[looked_at], frequency[looked_at]
    if not power.size or power.max() < PROMINENT * np.median(power):
        return TOP_HZ
    peak = frequency[power >= power.max() / 2][0]  # sharp volleys have multiples that are as strong
    return next((top for top in TOPS_HZ if peak < 0.8 * top), TOPS_HZ[-1])


def _draw_spectra(axes: Axes, count: NDArray[np.int64], dt: float, phases: list[tuple[str, float, float]]) -> None:
    """Draw a line for each phase, in decibels below the largest power of all."""
    found = []
    for name, start, stop in phases[:MOST_PHASES]:
        part = count[round(start * 1000 / dt) : round(stop * 1000 / dt)]
        if part.any():
            power, frequency = spectrum(part, dt)
            strongest = peak_frequency(part, dt)
            found.append((name, power, frequency, "" if strongest is None else f"peak {strongest:.1f} Hz"))
    most = max((power[frequency >= LOWEST_HZ].max(initial=0.0) for _, power, frequency, _ in found), default=0.0)
    if not found:
        axes.text(0.5, 0.5, "no spikes", transform=axes.transAxes, ha="center")
    for place, (name, power, frequency, peak) in enumerate(found):
        if most > 0:
            decibel = 10 * np.log10(np.maximum(power / most, 1e-12))
            colour, dashes = LINES[place]
            label = ": ".join(filter(None, (name[:24], peak)))
            axes.plot(decibel, frequency, color=colour if len(found) > 1 else INK, ls=dashes, lw=1.4, label=label)
    axes.set_xlim(FLOOR_DB, 3)
    axes.set_xlabel("power over the largest [dB]")
    axes.tick_params(labelleft=False)
    handles, labels = axes.get_legend_handles_labels()
    if any(labels):
        axes.legend(handles, labels, loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8.5)
