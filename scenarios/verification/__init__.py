"""What others have found, measured again here: `runen verify`."""

from __future__ import annotations

from . import capacity, cells, columns, hindmarsh_rose, learning, networks, song
from .check import Check, Outcome, run

__all__ = ["Check", "Outcome", "all_checks", "run"]


def all_checks(quick: bool = False) -> list[Check]:
    """Return all checks, or those that take little time."""
    parts = cells, hindmarsh_rose, learning, networks, song, capacity, columns
    return [check for part in parts for check in part.checks() if not (quick and check.slow)]
