"""Figures of spike trains, against rhythms that are known and counts that are worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from runen_ecs.analysis import (
    PhaseFigures,
    fano_factor,
    interval_variation,
    intervals,
    peak_frequency,
    phase_figures,
    population_count,
    spectrogram,
    spectrum,
)

BIN_HZ = 1000 / 2048


def rhythm(*parts: tuple[float, float], ticks: int = 8192, mean: float = 100.0, dt: float = 1.0) -> NDArray[np.int64]:
    """Return a count that goes up and down: pairs of frequency [Hz] and amplitude around a mean."""
    time = np.arange(ticks) * dt / 1000
    wave = sum(amplitude * np.sin(2 * np.pi * hz * time) for hz, amplitude in parts)
    return np.rint(mean + wave).astype(np.int64)


# --- population count -----------------------------------------------------------------------------------------------


def test_population_count_begins_with_tick_1() -> None:
    """The first value is tick 1, and there is one for every tick of the run."""
    spikes = np.array([1, 1, 3, 5, 5, 5], np.int32)

    assert [2, 0, 1, 0, 3, 0] == population_count(spikes, 6).tolist()


@pytest.mark.parametrize("ticks", [0, 1, 4])
def test_population_count_without_spikes(ticks: int) -> None:
    """Without spikes every tick counts 0, also in a run without ticks."""
    assert [0] * ticks == population_count(np.empty(0, np.int32), ticks).tolist()


def test_population_count_ends_with_the_run() -> None:
    """Spikes after the last tick that is asked for are not counted."""
    assert [1, 0] == population_count(np.array([1, 3, 9], np.int32), 2).tolist()


# --- intervals ------------------------------------------------------------------------------------------------------


def test_intervals_by_hand() -> None:
    """Intervals lie between successive spikes of one neuron, whoever fires between them."""
    interval, neuron = intervals(np.array([1, 2, 4, 4, 9, 12], np.int32), np.array([7, 3, 7, 3, 3, 5], np.int32))

    assert [(2, 3), (5, 3), (3, 7)] == list(zip(interval.tolist(), neuron.tolist(), strict=True))


@pytest.mark.parametrize("spikes", [0, 1])
def test_no_intervals_without_two_spikes(spikes: int) -> None:
    """Without spikes, or with one alone, there is no interval, and nothing that could vary."""
    interval, neuron = intervals(np.arange(spikes, dtype=np.int32), np.zeros(spikes, np.int32))

    assert (0, 0) == (interval.size, neuron.size)
    assert interval_variation(interval, neuron) is None


@pytest.mark.parametrize(
    ("interval", "neuron", "expected"),
    [
        ([5, 5, 5], [0, 0, 0], 0.0),
        ([1, 3], [0, 0], 0.5),
        ([1, 3, 6, 6, 9], [0, 0, 1, 1, 2], 0.25),
        ([4, 9], [0, 1], None),
    ],
)
def test_the_variation_of_intervals_by_hand(interval: list[int], neuron: list[int], expected: float | None) -> None:
    """It is standard deviation over mean within a neuron, and the mean over those with two intervals or more."""
    assert expected == interval_variation(np.array(interval), np.array(neuron))


def test_the_variation_of_a_poisson_process_is_1() -> None:
    """Random spikes have intervals whose standard deviation is their mean, less what the tick takes away."""
    fired = np.random.default_rng(1).random((50_000, 20)) < 0.01
    tick, neuron = np.nonzero(fired)

    assert pytest.approx(0.99**0.5, abs=0.01) == interval_variation(*intervals(tick, neuron))


# --- spectrum -------------------------------------------------------------------------------------------------------


def test_the_power_of_a_spectrum_is_the_variance() -> None:
    """The spectrum, summed over frequencies, is the variance of the count."""
    count = rhythm((8, 30), ticks=65_536)
    power, frequency = spectrum(count)

    assert count.var() == pytest.approx(float(power.sum() * frequency[1]), rel=0.01)


@pytest.mark.parametrize("dt", [0.1, 0.25, 0.5])
def test_short_ticks_cost_no_resolution(dt: float) -> None:
    """Ticks shorter than 1 ms are added up, so that a rhythm is found as closely as with ticks of 1 ms."""
    count = rhythm((8, 30), ticks=round(8192 / dt), dt=dt)

    assert pytest.approx(BIN_HZ) == float(spectrum(count, dt)[1][1])
    assert pytest.approx(8, abs=BIN_HZ / 2) == peak_frequency(count, dt)
    assert pytest.approx(8, abs=0.5) == spectrogram(count, dt)[1][spectrogram(count, dt)[0].sum(axis=1).argmax()]


def test_a_fast_model_in_short_ticks_is_judged_by_milliseconds() -> None:
    """256 ms are the least for a rhythm to be told, however many ticks they have."""
    assert peak_frequency(rhythm((8, 30), ticks=2559, dt=0.1), 0.1) is None
    assert peak_frequency(rhythm((8, 30), ticks=2560, dt=0.1), 0.1) is not None


# --- peak frequency -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hz", [2.5, 4.9, 8.0, 12.3, 25.0, 39.5])
def test_peak_frequency_finds_a_rhythm(hz: float) -> None:
    """The peak of a pure rhythm lies within half a step of the spectrum, 0.24 Hz."""
    assert pytest.approx(hz, abs=BIN_HZ / 2) == peak_frequency(rhythm((hz, 30)))


def test_peak_frequency_takes_the_stronger_rhythm() -> None:
    """Of two rhythms the one of larger amplitude counts."""
    assert pytest.approx(12, abs=BIN_HZ / 2) == peak_frequency(rhythm((5, 20), (12, 30)))


@pytest.mark.parametrize("outside", [(0.5, 60), (60, 60), (300, 60)])
def test_peak_frequency_looks_between_2_and_40_hz(outside: tuple[float, float]) -> None:
    """A slow drift, or what is faster than 40 Hz, is no rhythm that is looked for, however strong."""
    assert pytest.approx(10, abs=BIN_HZ / 2) == peak_frequency(rhythm((10, 10), outside))


@pytest.mark.parametrize("dt", [0.5, 2.0])
def test_peak_frequency_knows_the_length_of_a_tick(dt: float) -> None:
    """Frequencies are in Hz, whatever the length of a tick."""
    assert pytest.approx(8, abs=BIN_HZ / dt / 2) == peak_frequency(rhythm((8, 30), dt=dt), dt)


def test_peak_frequency_of_a_short_part() -> None:
    """From 256 ticks on there is a peak, to the step of so short a segment; below there is none to tell."""
    count = rhythm((8, 30))

    assert pytest.approx(8, abs=1000 / 256 / 2) == peak_frequency(count[:256])
    assert peak_frequency(count[:255]) is None


def test_peak_frequency_without_spikes() -> None:
    """Where nobody fires there is no rhythm."""
    assert peak_frequency(np.zeros(4096, np.int64)) is None
    assert peak_frequency(np.zeros(0, np.int64)) is None


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("ticks", [300, 2048, 3000, 10_000])
def test_peak_frequency_is_that_of_welch_in_scipy(seed: int, ticks: int) -> None:
    """SciPy's `welch`, asked for the same segments, window and mean, has its peak at the same frequency."""
    scipy = pytest.importorskip("scipy.signal")
    generator = np.random.default_rng(seed)
    rate = rhythm((generator.uniform(3, 30), 4), ticks=ticks, mean=10)
    count = generator.poisson(rate).astype(np.int64)
    segment = min(2048, ticks)
    frequency, power = scipy.welch(
        count, 1000, np.hanning(segment), nperseg=segment, noverlap=segment // 2, detrend="constant"
    )
    band = (frequency >= 2) & (frequency <= 40)

    assert frequency[band][power[band].argmax()] == pytest.approx(peak_frequency(count), abs=1e-9)


# --- Fano factor ----------------------------------------------------------------------------------------------------


def test_fano_factor_by_hand() -> None:
    """Bins of 5 ms with 5, 0, 5, 0 spikes: mean 2.5, variance 6.25, so 2.5."""
    count = np.array([1] * 5 + [0] * 5 + [5, 0, 0, 0, 0] + [0] * 5)

    assert 2.5 == fano_factor(count)


def test_fano_factor_of_unequal_bins_by_hand() -> None:
    """Bins with 1, 2, 3, 6 spikes: mean 3, variance 14 / 4, so 7 / 6."""
    count = np.zeros(20, np.int64)
    count[[0, 6, 13, 19]] = [1, 2, 3, 6]

    assert pytest.approx(7 / 6, rel=1e-15) == fano_factor(count)


def test_fano_factor_of_a_constant_count() -> None:
    """Where every bin holds the same there is no variance."""
    assert 0.0 == fano_factor(np.full(100, 3))


def test_fano_factor_of_chance() -> None:
    """A count in which every spike falls by chance has a Fano factor of 1."""
    count = np.random.default_rng(1).poisson(2.0, 200_000)

    assert pytest.approx(1, abs=0.03) == fano_factor(count)


def test_fano_factor_leaves_out_what_fills_no_bin() -> None:
    """The ticks after the last whole bin do not count."""
    count = np.array([1] * 5 + [0] * 5)

    assert fano_factor(count) == fano_factor(np.append(count, [50, 50, 50, 50]))


@pytest.mark.parametrize(("dt", "width"), [(0.5, 10), (1.0, 5), (2.5, 2), (10.0, 1)])
def test_fano_factor_counts_in_bins_of_5_ms(dt: float, width: int) -> None:
    """A bin is 5 ms, or one tick where a tick is longer."""
    count = np.tile(np.repeat([2, 0], width), 10)

    assert width == fano_factor(count, dt)


@pytest.mark.parametrize("count", [[], [0] * 20, [3, 3]])
def test_fano_factor_of_nothing(count: list[int]) -> None:
    """Without spikes in a whole bin there is none."""
    assert fano_factor(np.array(count, np.int64)) is None


# --- phases ---------------------------------------------------------------------------------------------------------


def test_phase_figures_by_hand() -> None:
    """Rate is spikes over neurons and seconds: 300 spikes of 10 neurons in 0.3 s are 100 Hz; in 0.2 s none."""
    count = np.array([1] * 300 + [0] * 200)

    assert [
        PhaseFigures(0.0, 0.3, 100.0, peak_frequency(count[:300]), 0.0),
        PhaseFigures(0.3, 0.5, 0.0, None, None),
    ] == phase_figures(count, 10, [(0, 300), (300, 500)])


def test_phase_figures_end_with_the_run() -> None:
    """A part is cut where the run ends, and its rate is over what was run; one that begins later is left out."""
    count = np.ones(200, np.int64)
    figures = phase_figures(count, 4, [(0, 150), (150, 400), (200, 300), (1000, 2000)])

    assert [(0.0, 0.15, 250.0), (0.15, 0.2, 250.0)] == [(f.from_s, f.to_s, f.rate_hz) for f in figures]


def test_phases_may_overlap_and_come_in_any_order() -> None:
    """Each part is looked at alone, in the order of the scenario."""
    count = np.arange(100)
    figures = phase_figures(count, 1, [(50, 100), (0, 100)])

    assert [(0.05, 0.1), (0.0, 0.1)] == [(f.from_s, f.to_s) for f in figures]
    assert [74_500.0, 49_500.0] == [f.rate_hz for f in figures]


def test_phase_figures_know_the_length_of_a_tick() -> None:
    """Windows are ticks, figures are seconds and Hz."""
    figures = phase_figures(np.ones(100, np.int64), 1, [(10, 60)], dt=0.5)

    assert [pytest.approx((0.005, 0.03, 2000.0))] == [(f.from_s, f.to_s, f.rate_hz) for f in figures]


def test_a_part_ends_where_it_was_to_end() -> None:
    """The end of a part is the number that the scenario has, 0.3 and not 0.30000000000000004."""
    figures = phase_figures(np.ones(1000, np.int64), 1, [(100, 300), (100, 700)])

    assert [0.3, 0.7] == [f.to_s for f in figures]


def test_a_run_without_ticks_has_no_phases() -> None:
    """Where nothing was run there are no figures."""
    assert [] == phase_figures(np.zeros(0, np.int64), 10, [(0, 100)])


def test_phase_figures_are_plain_numbers() -> None:
    """Figures can be written as JSON: no NumPy number among them."""
    figures: list[Any] = phase_figures(rhythm((8, 30)), 10, [(0, 4000)])

    assert {float} == {type(value) for value in vars(figures[0]).values()}


# --- spectrogram ----------------------------------------------------------------------------------------------------


def test_spectrogram_shows_when_a_rhythm_changes() -> None:
    """The strongest frequency is that of the rhythm around each time."""
    count = np.concatenate([rhythm((5, 30), ticks=4096), rhythm((12, 30), ticks=4096)])
    power, frequency, time = spectrogram(count)
    strongest = frequency[1:][power[1:].argmax(axis=0)]

    assert power.shape == (frequency.size, time.size)
    assert [pytest.approx(5, abs=0.5)] * 40 == strongest[(time > 0.5) & (time < 3.5)][:40].tolist()
    assert [pytest.approx(12, abs=0.5)] * 40 == strongest[(time > 4.7) & (time < 7.7)][:40].tolist()


@pytest.mark.parametrize("ticks", [1, 63, 64, 1000, 20_000])
def test_spectrogram_covers_the_run(ticks: int) -> None:
    """Times begin at 0, go on in equal steps and end within one step of the end of the run."""
    _, frequency, time = spectrogram(np.ones(ticks, np.int64))
    step = 0.064

    assert 0 == time[0] == frequency[0]
    assert np.allclose(np.diff(time), step)
    assert ticks / 1000 - step <= time[-1] <= ticks / 1000


def test_spectrogram_of_a_constant_count() -> None:
    """Where nothing changes there is no power, at the ends neither."""
    assert 0 == pytest.approx(spectrogram(np.full(3000, 7))[0].max(), abs=1e-20)


def test_spectrogram_of_a_very_long_run() -> None:
    """However long a run, there are about 2,000 times, and they reach from its beginning to its end."""
    count = np.zeros(3_000_000, np.int64)
    count[::100] = 1
    power, frequency, time = spectrogram(count)

    assert 1900 < time.size < 2100
    assert power.shape == (frequency.size, time.size)
    assert time[0] >= 0
    assert 2990 < time[-1] <= 3000
