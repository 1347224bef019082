"""Izhikevich's eight cells (2003, figure 2) and twenty firing patterns (2004, figure 1), as inputs and spike times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from runen_ecs.components import Izhikevich
from runen_ecs.components.presets import PRESETS
from runen_ecs.waveforms import Waveform, pulse


@dataclass
class Pattern:
    """A cell, how it is driven, and what is known of its spikes.

    The input is written as the published programs have it, `value` where first < t < last: `open_pulse`.
    """

    cell: Izhikevich
    v: float
    dt: float
    waveform: Waveform
    span: float
    spikes: list[float] | None = None
    count: int | None = None
    first: float | None = None
    last: float | None = None
    u: float | None = None
    equation: dict[str, Any] = field(default_factory=dict)


def open_pulse(first: float, last: float, value: float, dt: float) -> Waveform:
    """A current where first < t < last, at times t that are multiples of dt."""
    return pulse(first + dt, last, value)


def open_step(first: float, value: float, dt: float) -> Waveform:
    """A current where t > first."""
    return [(first + dt, 0.0), (first + dt, value)]


def _cell(a: float, b: float, c: float, d: float) -> Izhikevich:
    return Izhikevich(a=a, b=b, c=c, d=d)


def _eight(name: str, v: float, waveform: Waveform, span: float, **known: Any) -> Pattern:
    return Pattern(PRESETS[name], v, 0.25, waveform, span, **known)


CELLS = {
    "RS": _eight("regular spiking", -63.0, open_step(15, 14, 0.25), 150, spikes=[18.25, 24.25, 54.5, 87.75, 121.0]),
    "IB": _eight("intrinsically bursting", -70.0, open_step(15, 11, 0.25), 150, count=7),
    "CH": _eight("chattering", -70.0, open_step(15, 10, 0.25), 150, count=15),
    "FS": _eight("fast spiking", -70.0, open_step(15, 10, 0.25), 150, count=15),
    "LTS": _eight("low-threshold spiking", -63.0, open_step(25, 10, 0.25), 250, count=18),
    "TC": _eight("thalamo-cortical", -63.0, open_step(30, 1.5, 0.25), 150),
    "TC-rebound": _eight("thalamo-cortical", -87.0, [(0, -25), (45, -25), (45, 0)], 150),
    "RZ": _eight(
        "resonator", -70.0, [(0, -2), (10, -2), (10, -0.5), *[(60.25, -0.5), (60.25, 10), (65, 10), (65, -0.5)]], 100
    ),
}

INTEGRATOR = {"polynomial": (0.04, 4.1, 108.0)}
_SAME_AS_S = [(0.0, 80.0), (50.0, 80.0), (50.0, 75.0), (250.5, 75.0), (250.5, 80.0)]

PATTERNS = {
    "A": Pattern(_cell(0.02, 0.2, -65, 6), -70, 0.25, open_step(10, 14, 0.25), 100, [13, 17, 31.5, 59.25, 86.75]),
    "B": Pattern(_cell(0.02, 0.25, -65, 6), -64, 0.25, open_step(20, 0.5, 0.25), 200),
    "C": Pattern(_cell(0.02, 0.2, -50, 2), -70, 0.25, open_step(22, 15, 0.25), 220, count=28, first=25.0, last=204.5),
    "D": Pattern(_cell(0.02, 0.25, -55, 0.05), -64, 0.2, open_step(20, 0.6, 0.2), 200),
    "E": Pattern(
        _cell(0.02, 0.2, -55, 4), -70, 0.25, open_step(16, 10, 0.25), 160, [20, 22.75, 27.25, 67, 99.25, 131.5]
    ),
    "F": Pattern(
        _cell(0.01, 0.2, -65, 8), -70, 0.25, open_step(8.5, 30, 0.25), 85, [10.25, 12.25, 15, 19.75, 42.5, 71.5]
    ),
    "G": Pattern(
        _cell(0.02, -0.1, -55, 6),
        -60,
        0.25,
        [(30, 0), (300, 0.075 * 270)],
        300,
        count=10,
        first=84.5,
        last=290.5,
        equation=INTEGRATOR,
    ),
    "H": Pattern(_cell(0.2, 0.26, -65, 0), -64, 0.25, [(0, -0.5), (30, -0.5), (300, -0.5 + 0.015 * 270)], 300),
    "I": Pattern(_cell(0.02, 0.2, -65, 6), -70, 0.2, open_pulse(10, 13, 7.04, 0.2), 100, [26.6]),
    "J": Pattern(_cell(0.05, 0.26, -60, 0), -62, 0.25, open_pulse(20, 25, 2, 0.25), 200),
    "K": Pattern(
        _cell(0.1, 0.26, -60, -1),
        -62,
        0.25,
        [p for at in (40, 60, 280, 320) for p in open_pulse(at, at + 4, 0.65, 0.25)],
        400,
        [338],
    ),
    "L": Pattern(
        _cell(0.02, -0.1, -55, 6),
        -60,
        0.25,
        [p for at in (100 / 11, 100 / 11 + 5, 70, 80) for p in open_pulse(at - 0.25 * (at < 50), at + 2, 9, 0.25)],
        100,
        [20],
        equation=INTEGRATOR,
    ),
    "M": Pattern(_cell(0.03, 0.25, -60, 4), -64, 0.2, open_pulse(20, 25, -15, 0.2), 200),
    "N": Pattern(_cell(0.03, 0.25, -52, 0), -64, 0.2, open_pulse(20, 25, -15, 0.2), 200),
    "O": Pattern(
        _cell(0.03, 0.25, -60, 4),
        -64,
        0.25,
        [*open_pulse(10, 15, 1, 0.25), *open_pulse(70, 75, -6, 0.25), *open_pulse(80, 85, 1, 0.25)],
        100,
        [93.25],
    ),
    "P": Pattern(
        _cell(0.1, 0.26, -60, 0),
        -61,
        0.25,
        [
            (0, 0.24),
            *[
                (t, v)
                for at, end in ((37.5, 42.5), (216, 221))
                for t, v in ((at + 0.25, 0.24), (at + 0.25, 1.24), (end, 1.24), (end, 0.24))
            ],
        ],
        300,
        count=5,
        first=45.25,
        last=208,
    ),
    "Q": Pattern(_cell(1, 0.2, -60, -21), -70, 0.1, open_pulse(9, 11, 20, 0.1), 50),
    "R": Pattern(
        _cell(0.02, 1, -55, 4),
        -65,
        0.5,
        [(0, 0), (200, 8), (200, 0), (300, 0), (312.5, 4), (312.5, 0)],
        400,
        u=-16.0,
        equation={"v_rest": -65.0, "leak": 0.0},
    ),
    "S": Pattern(_cell(-0.02, -1, -60, 8), -63.8, 0.5, _SAME_AS_S, 350, [94.5, 166, 236]),
    "T": Pattern(_cell(-0.026, -1, -45, -2), -63.8, 0.5, _SAME_AS_S, 350, count=12, first=86.5, last=204),
}
