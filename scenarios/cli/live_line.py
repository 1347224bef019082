"""The one line that tells how far a run is."""

from __future__ import annotations

from time import perf_counter
from types import TracebackType

from rich.console import Console
from rich.status import Status

__all__ = ["LiveLine"]

PLAIN_EVERY_S = 2.0


class LiveLine:
    """A live line on a terminal's standard error; where that is no terminal, a plain line now and then.

    Parameters
    ----------
    n_ticks : int
        How many there are to run.
    dt : float
        Length of each [ms].
    hidden : bool
        Say nothing.
    """

    def __init__(self, n_ticks: int, dt: float, hidden: bool) -> None:
        self.n_ticks = n_ticks
        self.dt = dt
        self.hidden = hidden
        self.console = Console(stderr=True, highlight=False)
        self.status: Status | None = None
        self.began: float | None = None
        self.first_tick = 0
        self.said = 0.0

    def __enter__(self) -> LiveLine:
        if self.console.is_terminal and not self.hidden:
            self.status = self.console.status("")
            self.status.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.status is not None:
            self.status.stop()

    def say(self, text: str) -> None:
        """Say what goes on."""
        if self.status is not None:
            self.status.update(text)
        elif not self.hidden:
            self.console.print(text)

    def update(self, tick: int, n_spikes: int) -> None:
        """Tell how far the run is."""
        now = perf_counter()
        if self.began is None:  # the first look comes after loading or compiling, which is no measure of speed
            self.began, self.first_tick, self.said = now, tick, now
            return
        plain = self.status is None
        if self.hidden or (plain and now - self.said < PLAIN_EVERY_S):
            return
        self.said = now
        speed = (tick - self.first_tick) / max(now - self.began, 1e-9)
        second = self.dt / 1000
        text = (
            f"{tick * second:.1f} s of {self.n_ticks * second:g} s, {100 * tick / self.n_ticks:.0f} %, "
            f"{speed * second:.1f} x real time, {n_spikes / max(tick * second, 1e-9):,.0f} spikes/s, "
            f"{(self.n_ticks - tick) / max(speed, 1e-9):.1f} s left"
        )
        self.say(text)
