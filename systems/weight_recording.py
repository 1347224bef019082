"""All weights are written down at intervals."""

from __future__ import annotations

from runen_ecs.components import DENDRITE, Weight
from runen_ecs.engine import Read, System, Write
from runen_ecs.recording import WeightRecord


class WeightRecording(System):
    """Every so many ticks all weights go to the `WeightRecord`.

    Reads: Weight. Writes: WeightRecord.

    Parameters
    ----------
    every : int
        Interval [ticks].
    """

    whole = True
    weight: Read[Weight]
    record: Write[WeightRecord]

    def __init__(self, every: int) -> None:
        self.every = every

    def run(self) -> None:
        """Copy the weights."""
        self.record.tick.append(self.world.tick)
        self.record.dendrite.append(self.world.entities(DENDRITE))
        self.record.weight.append(self.weight.value.copy())
        self.record.drain()
