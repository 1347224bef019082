"""Currents over time, as breakpoints (time in ms, current in mV): linear between two, 0 before the first.

From the last on, its value stays. Two breakpoints of one time are a jump, and waveforms that follow one another are
added as lists: ``pulse(10, 20, 5.0) + pulse(30, 40, 5.0)``.
"""

__all__ = ["Waveform", "constant", "pulse", "ramp", "step"]

Waveform = list[tuple[float, float]]


def constant(value: float) -> Waveform:
    """Return a current that is always there."""
    return [(0.0, value)]


def step(start: float, value: float) -> Waveform:
    """Return a current that is there from ``start`` on."""
    return [(start, 0.0), (start, value)]


def pulse(start: float, stop: float, value: float) -> Waveform:
    """Return a current that is there from ``start`` on, and no more at ``stop``."""
    return [(start, 0.0), (start, value), (stop, value), (stop, 0.0)]


def ramp(start: float, stop: float, value: float) -> Waveform:
    """Return a current that rises from 0 to ``value``, and stays there."""
    return [(start, 0.0), (stop, value)]
