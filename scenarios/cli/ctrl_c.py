"""Ctrl-C ends a run or a sweep cleanly: it is noted, and the work ends where it can."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["noting_ctrl_c"]


@contextmanager
def noting_ctrl_c(note: Callable[[], object]) -> Iterator[None]:
    """Call ``note`` at the first Ctrl-C instead of raising; a second one kills as usual."""

    def first(number: int, frame: FrameType | None) -> None:
        note()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
