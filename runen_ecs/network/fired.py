"""Who fires in a tick."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..components import NEURON
from ..engine.arrays import Rows
from ..engine.resource import Resource
from ..engine.storage import Table
from ..engine.world import World

__all__ = ["Fired"]


class Fired(Resource):
    """Who fires in this tick.

    Attributes
    ----------
    row : (n_neurons + 1,) int32
        Rows of the neurons that fire, ascending; the first ``count[0]`` of them count.
    count : (1,) int64
    """

    def __init__(self) -> None:
        self.row: Rows = np.zeros(1, np.int32)
        self.count = np.zeros(1, np.int64)

    def state(self) -> dict[str, Any]:
        """Return who fires; what else the array holds is of earlier ticks."""
        return {"row": self.row[: self.count[0]], "count": self.count}

    def moved(self, table: Table, new_row: Rows) -> None:
        """Follow the neurons to their new rows."""
        if table.group == NEURON.group:
            row = new_row[self.row[: self.count[0]]]
            row = np.sort(row[row >= 0])
            self.row[: row.size] = row
            self.count[0] = row.size

    def maintain(self, world: World) -> None:
        """Make room for every neuron."""
        row = np.zeros(len(world.table(NEURON)) + 1, np.int32)
        row[: self.count[0]] = self.row[: self.count[0]]
        self.row = row
