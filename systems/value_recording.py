"""A field of a component of chosen entities is written down at intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.engine import Add, Component, Floats, Int64s, Interrupt, Read, Rows, System, kernel
from runen_ecs.recording import ValueRecord, ValueSeries


@kernel
def record_values(
    tick: int,
    every: int,
    row: Rows,
    value: NDArray[Any],
    buffer: Floats,
    moment: Int64s,
    count: Int64s,
    requested: Int64s,
) -> None:
    """Copy a field of chosen rows to the next row of the buffer when it is time; ask for Python when that is full.

    every : int [tick]. row : (n,) int32; -1 for what is gone. value : (n_rows,) of any dtype. buffer : (room, n)
    float64, out. moment : (room,) int64, out [tick]. count : (1,) int64, in place. requested : (1,) int64, out.
    """
    at = count[0]
    if tick % every == 0 and at < buffer.shape[0]:
        for j in range(row.size):
            buffer[at, j] = 1.0 * value[row[j]] if row[j] >= 0 else np.nan  # numba has no float() of a flag
        moment[at] = tick
        count[0] = at + 1
    if count[0] >= buffer.shape[0]:
        requested[0] = 1


class ValueRecording(System):
    """A field of chosen entities goes to a `ValueSeries` at the end of every so many ticks.

    Adds: ValueRecord, Interrupt. What it reads is declared by the class that `recording_of` makes.

    Parameters
    ----------
    series : ValueSeries
    """

    record: Add[ValueRecord]
    interrupt: Add[Interrupt]
    component: Any

    whole = True
    kernel = record_values

    def __init__(self, series: ValueSeries) -> None:
        self.series = series

    def setup(self) -> None:
        """Put the series into the record."""
        self.world.resource(ValueRecord).series.append(self.series)

    def arguments(self) -> tuple[Any, ...]:
        """Return the interval, the rows of the chosen, the values, and the buffer."""
        series = self.series
        row, value = self.world.index.row[series.entity], getattr(self.component, series.field)
        return series.every, row, value, series.value, series.tick, series.count, self.interrupt.requested

    def drain(self) -> None:
        """Take the values out of the buffer."""
        self.series.drain()


def recording_of(component: type[Component]) -> type[ValueRecording]:
    """Return a class of `ValueRecording` that declares that it reads a component."""
    declared = {"component": Read[component]}  # type: ignore[valid-type]
    own = {"__annotations__": declared, "__doc__": ValueRecording.__doc__}
    return type(f"{component.__name__}Recording", (ValueRecording,), own)
