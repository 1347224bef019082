"""Chosen neurons are silenced for a while."""

from __future__ import annotations

from typing import Any

from runen_ecs.components import ActionPotential, Silenced
from runen_ecs.engine import Flags, Read, Rows, System, Write, kernel


@kernel
def silence(tick: int, until: Rows, fired: Flags) -> None:
    """Take the action potential from those whose silence is not over.

    until : (n,) int32, the last tick of silence. fired : (n,) bool, in place.
    """
    for i in range(fired.size):
        fired[i] &= tick > until[i]


class Silencing(System):
    """Silenced neurons do not fire: what would be a spike ends at the cell; the potential is reset as after a spike.

    Reads: Silenced. Writes: ActionPotential.
    """

    silenced: Read[Silenced]
    action_potential: Write[ActionPotential]

    kernel = silence

    def arguments(self) -> tuple[Any, ...]:
        """Return how long each is silenced, and who would fire."""
        return self.silenced.until, self.action_potential.fired
