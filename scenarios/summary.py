"""What a run says about itself at its end."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from runen_ecs.analysis import PhaseFigures, SpikeCounts, Spikes, phase_figures
from runen_ecs.files import RunData

from .liveliness import has_membrane, warnings_of

__all__ = ["Answer", "Summary", "answers", "plain", "signals_recorded", "summarise"]


@dataclass(frozen=True)
class Answer:
    """A stimulus and what came out of each output port from then until the next one."""

    tick: int
    port: int
    signal: float
    outputs: dict[str, list[float]]


@dataclass(frozen=True)
class Summary:
    """The figures of a run, under the names that scripts rely on."""

    scenario: str
    seed: int
    neurons: int
    synapses: int
    ticks: int
    dt_ms: float
    spikes: int
    mean_rate_hz: float
    rate_by_layer_hz: dict[str, float]
    phases: list[PhaseFigures]
    build_s: float
    run_s: float
    plot_s: float
    realtime_factor: float
    peak_rss_mb: float
    files: list[str]
    partial: bool
    at_rest: bool | None
    signals: int | None
    outputs: dict[str, int]
    stimuli: list[Answer]
    warnings: list[str]

    def as_data(self) -> dict[str, Any]:
        """Return it as data for JSON."""
        return asdict(self)


def summarise(
    name: str,
    data: RunData,
    build_s: float,
    run_s: float,
    plot_s: float,
    files: list[str],
    spikes: Iterable[Spikes] | None = None,
    signals: int | None = None,
) -> Summary:
    """Return the figures of a run.

    Parameters
    ----------
    name : str
        The scenario, as it was asked for.
    data : RunData
    build_s, run_s, plot_s : float
        Wall time of the three parts [s].
    files : list of str
        What was written.
    spikes : iterable of (tick, neuron), optional
        The spikes in parts, where ``data`` has none.
    signals : int, optional
        How many signals arrived in a capacity network, where ``data`` has none.
    """
    n, dt = data.neuron_column.size, data.meta["dt_ms"]
    seconds = data.n_ticks * dt / 1000
    parts = [(data.spike_tick, data.spike_neuron)] if spikes is None else spikes
    counts = SpikeCounts.of(parts, data.n_ticks, has_membrane(data))
    windows = [(round(p["from_s"] * 1000 / dt), round(p["to_s"] * 1000 / dt)) for p in data.meta["phases"]]
    layers = range(len(data.layer_names))
    fired = np.bincount(data.neuron_layer + 1, counts.per_neuron, len(layers) + 1)[1:]
    neurons = np.bincount(data.neuron_layer + 1, minlength=len(layers) + 1)[1:]
    return Summary(
        scenario=name,
        seed=data.meta["seed"],
        neurons=n,
        synapses=data.weight.size,
        ticks=data.n_ticks,
        dt_ms=dt,
        spikes=int(counts.per_tick.sum()),
        mean_rate_hz=_rate(int(counts.per_tick.sum()), n, seconds),
        rate_by_layer_hz={str(data.layer_names[i]): _rate(int(fired[i]), int(neurons[i]), seconds) for i in layers},
        phases=phase_figures(counts.per_tick, n, windows, dt),
        build_s=round(build_s, 4),
        run_s=round(run_s, 4),
        plot_s=round(plot_s, 4),
        realtime_factor=round(seconds / run_s, 2) if run_s > 0 else 0.0,
        peak_rss_mb=round(_peak_rss_mb(), 1),
        files=files,
        partial=data.meta["partial"],
        at_rest=data.meta.get("at_rest"),
        signals=(data.hit_tick.size if signals is None else signals) if signals_recorded(data) else None,
        outputs={str(port): int((data.output_port == port).sum()) for port in _output_ports(data)},
        stimuli=answers(data),
        warnings=warnings_of(data, counts),
    )


def signals_recorded(data: RunData) -> bool:
    """Whether every signal of a capacity network was recorded."""
    return "network" in data.meta and bool(data.meta["scenario"]["record"]["signals"])


def answers(data: RunData) -> list[Answer]:
    """Return each stimulus with the outputs that it caused: those until the next one."""
    ports = _output_ports(data)
    outputs: list[dict[str, list[float]]] = [{str(port): [] for port in ports} for _ in data.stimulus_tick]
    cause = np.searchsorted(data.stimulus_tick, data.output_tick, side="right") - 1
    for i, port, size in zip(cause.tolist(), data.output_port.tolist(), data.output_size.tolist(), strict=True):
        if i >= 0:
            outputs[i].setdefault(str(port), []).append(plain(size))
    given = zip(data.stimulus_tick.tolist(), data.stimulus_port.tolist(), data.stimulus_size.tolist(), strict=True)
    return [Answer(tick, port, plain(size), out) for (tick, port, size), out in zip(given, outputs, strict=True)]


def _output_ports(data: RunData) -> list[int]:
    links = data.meta.get("network", {}).get("links", [])
    return sorted(link["Output"]["output_port"] for link in links if "Output" in link)


def plain(number: float) -> float:
    """Return a whole number as an int, so that it is printed as one, as far as every digit counts."""
    return int(number) if float(number).is_integer() and abs(number) < 2**53 else float(number)


def _rate(spikes: int, neurons: int, seconds: float) -> float:
    return round(spikes / neurons / seconds, 4) if neurons and seconds else 0.0


def _peak_rss_mb() -> float:
    with suppress(OSError):  # on Linux rusage may count what the process was before it became this program
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
