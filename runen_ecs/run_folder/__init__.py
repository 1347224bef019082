"""Run folders: a run goes to disk while it runs, and is read a piece at a time."""

from typing import TYPE_CHECKING, Any

from .faults import RunFolderError, RunFolderWarning, TornFileWarning
from .manifest import Manifest
from .reading import Stream
from .recording import Recording

if TYPE_CHECKING:
    from .writer import RunFolder

__all__ = ["Manifest", "Recording", "RunFolder", "RunFolderError", "RunFolderWarning", "Stream", "TornFileWarning"]


def __getattr__(name: str) -> Any:
    """Import the writer when it is asked for: who only reads must not wait for numba."""
    if name == "RunFolder":
        from .writer import RunFolder

        return RunFolder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
