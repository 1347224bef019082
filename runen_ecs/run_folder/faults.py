"""What goes wrong with a run folder."""

from __future__ import annotations

from pathlib import Path

from ..errors import RunenError

__all__ = ["RunFolderError", "RunFolderWarning", "TornFileWarning"]


class RunFolderError(RunenError, OSError):
    """A run folder, or a file made from one, cannot be written.

    Attributes
    ----------
    path : Path
        The folder or file.
    problem : str
    tick : int or None
        What was recorded until then, this tick included, is whole and can be read; None: nothing is.
    """

    exit_code = 5

    def __init__(self, path: Path, problem: str, tick: int | None = None) -> None:
        kept = "" if tick is None else f"; what was recorded until tick {tick:,} can be read"
        super().__init__(f"{path}: {problem}{kept}")
        self.path = path
        self.problem = problem
        self.tick = tick

    def __str__(self) -> str:
        return str(self.args[0])


class RunFolderWarning(UserWarning):
    """Something about a run folder that its reader should know."""


class TornFileWarning(RunFolderWarning):
    """The end of a file was not written whole and is left out."""
