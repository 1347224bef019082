"""What a scenario says of times that its run does not reach."""

from __future__ import annotations

from collections.abc import Iterator

from .quantities import show_time
from .schema import Scenario

__all__ = ["unreached"]


def unreached(scenario: Scenario) -> list[str]:
    """Return a line for each event, phase and input that would begin when the run has ended.

    It is no fault: a run may be shortened by ``--duration``, and what comes late then does not come.
    """
    lines = []
    for number, one in enumerate(scenario.variants or [scenario]):
        end = one.duration * one.dt
        panel = f"panels.{number}: " if scenario.variants else ""
        lines += [
            f"{panel}{key}: begins at {show_time(start)}, and the run ends at {show_time(end)}; it never comes"
            for key, start in _starts(one)
            if start >= end
        ]
    return lines


def _starts(scenario: Scenario) -> Iterator[tuple[str, float]]:
    """Yield the key of each part that begins at a time, and that time [ms]."""
    for number, event in enumerate(scenario.events):
        yield f"events.{number}", event.at * scenario.dt
    for number, phase in enumerate(scenario.phases):
        yield f"phases.{number}", phase.start * scenario.dt
    for name, given in scenario.inputs.items():
        for kind, start in given.starts():
            yield f"inputs.{name}.{kind}", start
