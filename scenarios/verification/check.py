"""What a check is, and what comes of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

__all__ = ["Check", "Outcome", "near", "run", "same_times"]


@dataclass(frozen=True)
class Check:
    """Something that can be measured here, and what others have found.

    Attributes
    ----------
    name : str
    source : str
        Author, year, figure or section.
    expected : str
        What it must be, in words and figures.
    measure : callable
        Returns what it is, as data for JSON.
    passes : callable
        Says of that whether it is what it must be.
    slow : bool
        Whether ``--quick`` leaves it out.
    """

    name: str
    source: str
    expected: str
    measure: Callable[[], Any]
    passes: Callable[[Any], bool]
    slow: bool = False


@dataclass(frozen=True)
class Outcome:
    """A check and what came of it."""

    name: str
    source: str
    expected: str
    measured: Any
    passed: bool
    seconds: float


def run(check: Check) -> Outcome:
    """Measure, and judge."""
    began = perf_counter()
    measured = check.measure()
    seconds = round(perf_counter() - began, 3)
    return Outcome(check.name, check.source, check.expected, measured, bool(check.passes(measured)), seconds)


def same_times(times: list[float]) -> Callable[[list[float]], bool]:
    """Return what holds for spikes at these times [ms], to a millionth of one."""
    return lambda measured: (
        len(measured) == len(times) and all(abs(a - b) < 1e-6 for a, b in zip(measured, times, strict=True))
    )


def near(value: float | None, expected: float, share: float) -> bool:
    """Whether a value is there and lies within a share of what is expected."""
    return value is not None and abs(value - expected) <= share * abs(expected)
