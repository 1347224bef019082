"""What a spike train says: rates, rhythm, irregularity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "PhaseFigures",
    "SpikeCounts",
    "Spikes",
    "fano_factor",
    "interval_variation",
    "intervals",
    "peak_frequency",
    "phase_figures",
    "population_count",
    "spectrogram",
    "spectrum",
]

Spikes = tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]
"""Ticks and neurons of spikes, (n,) each."""

SEGMENT = 2048
SHORTEST = 256
SHORTEST_STEP = 64
BAND_HZ = (2.0, 40.0)
FANO_BIN_MS = 5


@dataclass(frozen=True)
class PhaseFigures:
    """The figures of a part of a run.

    Attributes
    ----------
    from_s, to_s : float
        The part [s].
    rate_hz : float
        Mean rate of a neuron [Hz].
    peak_hz : float or None
        Where the spectrum of the population count is largest [Hz]; None for a part too short to tell.
    fano : float or None
        Variance over mean of the population count; None without spikes.
    """

    from_s: float
    to_s: float
    rate_hz: float
    peak_hz: float | None
    fano: float | None


def population_count(spike_tick: NDArray[np.integer[Any]], n_ticks: int) -> NDArray[np.int64]:
    """Return how many neurons fire in each tick, (n_ticks,); the first is tick 1."""
    return np.bincount(spike_tick, minlength=n_ticks + 1)[1 : n_ticks + 1]


@dataclass(frozen=True)
class SpikeCounts:
    """How many spikes there were.

    Attributes
    ----------
    per_tick : (n_ticks,) int64
        The first is tick 1.
    of_members : (n_ticks,) int64
        The same of chosen neurons.
    per_neuron : (n_neurons,) int64
    """

    per_tick: NDArray[np.int64]
    of_members: NDArray[np.int64]
    per_neuron: NDArray[np.int64]

    @classmethod
    def of(cls, parts: Iterable[Spikes], n_ticks: int, members: NDArray[np.bool_]) -> SpikeCounts:
        """Count spikes that come in parts, so that there need not be memory for all.

        parts : of (tick, neuron), (n,) int each. members : (n_neurons,) bool, the chosen neurons.
        """
        per_tick, of_members = np.zeros((2, n_ticks), np.int64)
        per_neuron = np.zeros(members.size, np.int64)
        for tick, neuron in parts:
            if tick.size:
                first = int(tick.min())
                for count, chosen in ((per_tick, tick), (of_members, tick[members[neuron]])):
                    found = np.bincount(chosen - first)
                    count[first - 1 : first - 1 + found.size] += found
                per_neuron += np.bincount(neuron, minlength=members.size)
        return cls(per_tick, of_members, per_neuron)


def intervals(
    spike_tick: NDArray[np.integer[Any]], spike_neuron: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the intervals between successive spikes of each neuron [ticks], and whose they are, both (n,).

    spike_tick : (n_spikes,) int, ascending. spike_neuron : (n_spikes,) int.
    """
    order = np.argsort(spike_neuron, kind="stable")
    neuron, tick = spike_neuron[order].astype(np.int64), spike_tick[order].astype(np.int64)
    same = neuron[1:] == neuron[:-1]
    return np.diff(tick)[same], neuron[1:][same]


def interval_variation(interval: NDArray[np.int64], neuron: NDArray[np.int64]) -> float | None:
    """Return the coefficient of variation of inter-spike intervals: 0 for a clock, 1 for a Poisson process.

    Standard deviation over mean of the intervals of a neuron; the mean over neurons that have two or more.

    Parameters
    ----------
    interval, neuron : (n,) int
        As `intervals` gives them.

    Returns
    -------
    float or None
        None where no neuron has two intervals.

    *Source*: Softky and Koch 1993, "The highly irregular firing of cortical cells".
    """
    _, place, count = np.unique(neuron, return_inverse=True, return_counts=True)
    mean = np.bincount(place, interval) / count
    variance = np.bincount(place, (interval - mean[place]) ** 2) / count
    enough = (count >= 2) & (mean > 0)
    return float((np.sqrt(variance[enough]) / mean[enough]).mean()) if enough.any() else None


def spectrum(count: NDArray[np.int64], dt: float = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Welch's spectrum of a population count: power and frequency [Hz], both (n_frequencies,).

    Segments of 2,048 ticks (or the whole, where it is shorter), overlapping by half, Hann window, mean removed; ticks
    shorter than 1 ms are first added up to bins of 1 ms.

    Parameters
    ----------
    count : (n_ticks,) int
        At least one.
    dt : float
        Length of a tick [ms].

    *Source*: Welch 1967, "The use of fast Fourier transform for the estimation of power spectra".
    """
    count, dt = _in_milliseconds(count, dt)
    segment = min(SEGMENT, count.size)
    power, frequency = _spectra("psd", count.astype(float), segment, 1000.0 / dt, segment // 2)
    return power, frequency


def peak_frequency(count: NDArray[np.int64], dt: float = 1.0) -> float | None:
    """Return the frequency at which the `spectrum` of a population count is largest, between 2 and 40 Hz.

    Parameters
    ----------
    count : (n_ticks,) int
    dt : float
        Length of a tick [ms].

    Returns
    -------
    float or None
        [Hz]; None for fewer than 256 ticks (of 1 ms, where they are shorter) or no spikes.
    """
    if _in_milliseconds(count, dt)[0].size < SHORTEST or not count.any():
        return None
    power, frequency = spectrum(count, dt)
    band = (frequency >= BAND_HZ[0]) & (frequency <= BAND_HZ[1])
    return float(frequency[band][power[band].argmax()])


def fano_factor(count: NDArray[np.int64], dt: float = 1.0) -> float | None:
    """Return variance over mean of a population count in bins of 5 ms; None without spikes."""
    width = max(1, round(FANO_BIN_MS / dt))
    bins = count[: count.size // width * width].reshape(-1, width).sum(axis=1)
    return float(bins.var() / bins.mean()) if bins.size and bins.any() else None


def phase_figures(
    count: NDArray[np.int64], n_neurons: int, windows: list[tuple[int, int]], dt: float = 1.0
) -> list[PhaseFigures]:
    """Return the figures of parts of a run; a part is cut where the run ends, and left out where it begins later.

    Parameters
    ----------
    count : (n_ticks,) int
        Spikes of the whole population in each tick.
    n_neurons : int
    windows : list of (int, int)
        First tick (from 0) and the tick after the last.
    dt : float
        Length of a tick [ms].
    """
    figures = []
    for start, stop in windows:
        part = count[start:stop]
        if part.size:
            seconds = part.size * dt / 1000
            rate = part.sum() / n_neurons / seconds
            begin, end = start * dt / 1000, (start + part.size) * dt / 1000
            figures.append(PhaseFigures(begin, end, float(rate), peak_frequency(part, dt), fano_factor(part, dt)))
    return figures


def spectrogram(
    count: NDArray[np.int64], dt: float = 1.0, segment: int = 1024
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return power (n_frequencies, n_times), frequency [Hz] and time [s] of a population count.

    Each segment is centred on its time; the count is taken as constant (its mean) before the start and after the end.
    There are at most about 2,000 times. Ticks shorter than 1 ms are first added up to bins of 1 ms.
    """
    count, dt = _in_milliseconds(count, dt)
    step = max(SHORTEST_STEP, count.size // 2000)
    segment = max(segment, step)
    count = count if count.size else np.zeros(1, np.int64)
    padded = np.pad(count.astype(float), segment // 2, constant_values=count.mean())
    power, frequency, time = _spectra("specgram", padded, segment, 1000.0 / dt, segment - step)
    return power, frequency, time - segment * dt / 2000


def _in_milliseconds(count: NDArray[np.int64], dt: float) -> tuple[NDArray[np.int64], float]:
    """Add up ticks that are shorter than 1 ms, and return the length of what they make [ms]; a rest is left out."""
    width = round(1 / dt) if dt < 1 else 1
    return count[: count.size // width * width].reshape(-1, width).sum(axis=1), width * dt


def _spectra(function: str, count: NDArray[np.float64], segment: int, rate_hz: float, overlap: int) -> Any:
    """Call matplotlib's Welch spectrum or spectrogram: Hann window, mean removed."""
    from matplotlib import mlab

    return getattr(mlab, function)(count, segment, rate_hz, mlab.detrend_mean, mlab.window_hanning, overlap)
