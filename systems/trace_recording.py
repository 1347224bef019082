"""The membrane potential of chosen neurons is written down."""

from __future__ import annotations

from typing import Any

import numpy as np

from runen_ecs.components import Membrane
from runen_ecs.engine import Add, Floats, Int64s, Interrupt, Read, Rows, System, Write, kernel
from runen_ecs.recording import TraceRecord


@kernel
def record_traces(tick: int, row: Rows, v: Floats, trace: Floats, count: Int64s, requested: Int64s) -> None:
    """Copy the potential of chosen neurons to the next row of the buffer; ask for Python when it is full.

    row : (n,) int32; -1 for a neuron that is gone. v : (n_neurons,) float64 [mV]. trace : (room, n) float64, out [mV].
    count : (1,) int64, in place. requested : (1,) int64, out.
    """
    at = count[0]
    if at < trace.shape[0]:
        for j in range(row.size):
            trace[at, j] = v[row[j]] if row[j] >= 0 else np.nan
        count[0] = at + 1
    if at + 1 >= trace.shape[0]:
        requested[0] = 1


class TraceRecording(System):
    """The membrane potential of chosen neurons at the end of every tick goes to the `TraceRecord`.

    Reads: Membrane. Writes: TraceRecord. Adds: Interrupt.
    """

    membrane: Read[Membrane]
    record: Write[TraceRecord]
    interrupt: Add[Interrupt]

    whole = True
    kernel = record_traces

    def arguments(self) -> tuple[Any, ...]:
        """Return the rows of the chosen neurons, the potentials, and the buffer."""
        row = self.world.index.row[self.record.entity]
        return row, self.membrane.v, self.record.v, self.record.count, self.interrupt.requested

    def drain(self) -> None:
        """Take the traces out of the buffer."""
        self.world.resource(TraceRecord).drain()
