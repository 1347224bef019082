"""`runen gallery`: run every scenario that comes with the project, and write a page of their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runen_ecs.errors import choices
from runen_ecs.files import write_atomically

from ..faults import UsageError
from ..gallery import PAGE, draw_entry, entries, page_of
from .running import check_folder

__all__ = ["write_gallery"]


def write_gallery(names: Sequence[str], out: Path, quiet: bool) -> None:
    """Write the page of all scenarios, and the pictures of some.

    Parameters
    ----------
    names : sequence of str
        The scenarios to draw; empty: all.
    out : Path
        Folder of the page; its pictures go to ``pictures`` in it.
    quiet : bool

    Raises
    ------
    UsageError
        If no such scenario comes with the project, or the folder cannot be written to; nothing is run then.
    """
    shown = entries()
    known = [entry.name for entry in shown]
    for name in names:
        if name not in known:
            raise UsageError(f"no scenario called {name!r} comes with the project; {choices(name, known)}")
    check_folder(out / "pictures")
    for entry in shown:
        if not names or entry.name in names:
            path = draw_entry(entry, out)
            if not quiet:
                print(path, flush=True)
    page = out / PAGE
    write_atomically(page, lambda file: file.write(page_of(shown).encode()))
    if not quiet:
        print(page)
