"""The table of a sweep: a CSV file that grows by a whole row at a time, and is in order at the end."""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from runen_ecs.files import write_atomically

from .faults import UsageError
from .sweeping import Outcome, Run, one_line

__all__ = ["SweepTable"]

LAST = ("build_s", "run_s", "scenario_hash", "error")
STATUS = "status"


class SweepTable:
    """The rows of a sweep, in memory and in a CSV file.

    A row is written and synced as its run ends. No cell holds a line break: so a file that was cut off anywhere has
    whole rows up to its last line break.

    Parameters
    ----------
    path : Path
        Made if it is not there; what another process has of this sweep is read.
    keys : sequence of str
        The keys that are swept; the seed last.
    runs : sequence of Run
        All of the sweep, in their order.
    retry_failed : bool
        Forget the rows of runs that failed.

    Raises
    ------
    UsageError
        If the file cannot be written, is being written by another sweep, or holds something else.
    """

    def __init__(self, path: Path, keys: Sequence[str], runs: Sequence[Run], retry_failed: bool = False) -> None:
        self.path, self.first = path, (*map(one_line, keys), STATUS)
        self.order = [run.cells for run in runs]
        self.rows: dict[tuple[str, ...], dict[str, str]] = {}
        self.header: tuple[str, ...] = ()
        self.torn = False
        try:
            if path.exists() and not path.is_file():
                raise UsageError(f"--out {path}: is no file that can be replaced; name another one")
            self.file: IO[bytes] = path.open("a+b")
        except OSError as error:
            raise UsageError(f"--out {path}: cannot be written ({error.strerror}); name another file") from None
        try:
            self._lock(self.file)
            self._read()
            self._compare(runs, retry_failed)
            self._write_all()
        except BaseException:
            self.close()
            raise

    def add(self, run: Run, outcome: Outcome) -> None:
        """Write the row of a run that has ended."""
        cells = dict(zip(self.first, (*run.cells, "failed" if outcome.error else "done"), strict=True))
        cells |= {one_line(name): "nan" if value is None else str(value) for name, value in outcome.figures.items()}
        times = ("" if seconds is None else str(seconds) for seconds in (outcome.build_s, outcome.run_s))
        error = one_line("; ".join(outcome.error.splitlines()))
        cells |= dict(zip(LAST, (*times, run.content, error), strict=True))
        self.rows[run.cells] = cells
        if set(cells) <= set(self.header):
            self.file.write(_lines([[cells.get(name, "") for name in self.header]]))
            self.file.flush()
            os.fsync(self.file.fileno())
        else:  # the first row with figures, or one of a run that has others than the runs before it
            self._write_all()

    def count(self, status: str) -> int:
        """Return how many rows have a status."""
        return sum(row[STATUS] == status for row in self.rows.values())

    def finish(self) -> None:
        """Put the rows in the order of the sweep, whatever the order was in which the runs have ended."""
        self._write_all()

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()

    def _write_all(self) -> None:
        rows = [self.rows[cells] for cells in self.order if cells in self.rows]
        figures = dict.fromkeys(name for row in rows for name in row if name not in (*self.first, *LAST))
        self.header = (*self.first, *figures, *LAST)
        text = _lines([self.header, *([row.get(name, "") for name in self.header] for row in rows)])
        kept: list[IO[bytes]] = []

        def write(file: IO[bytes]) -> None:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            kept.append(os.fdopen(os.dup(file.fileno()), "wb"))  # the lock belongs to it, and later rows go there
            self._lock(kept[0])

        write_atomically(self.path, write)
        self.file.close()
        self.file = kept[0]

    def _lock(self, file: IO[bytes]) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            problem = "another sweep is writing it; wait for it, or name another file"
            raise UsageError(f"--out {self.path}: {problem}") from None
        except OSError:
            pass  # a file system without locks

    def _read(self) -> None:
        """Read the rows that are there, up to the last line break."""
        self.file.seek(0)
        whole, newline, rest = self.file.read().rpartition(b"\n")
        fresh = _lines([(*self.first, *LAST)])
        if not newline and fresh.startswith(rest):
            return
        self.torn = bool(rest)
        try:
            table = list(csv.reader(whole.decode().split("\n"), strict=True))
        except (UnicodeDecodeError, csv.Error):
            table = []
        header = table[0] if table else []
        if tuple(header[-len(LAST) :]) != LAST or STATUS not in header:
            self._refuse("is no table of a sweep")
        known = header[: header.index(STATUS)]
        if known != list(self.first[:-1]):
            self._refuse(f"holds a sweep over {', '.join(known)}, and this one is over {', '.join(self.first[:-1])}")
        self.header = tuple(header)
        for number, row in enumerate(table[1:], start=2):
            if len(row) != len(header):
                self._refuse(f"line {number} is no row of a sweep: it has {len(row)} cells, not {len(header)}")
            cells = {name: cell for name, cell in zip(header, row, strict=True) if cell or name in LAST}
            self.rows[tuple(row[: len(known)])] = dict.fromkeys(self.first, "") | cells

    def _compare(self, runs: Iterable[Run], retry_failed: bool) -> None:
        """Hold the rows that are there against the runs that are wanted."""
        if retry_failed:
            self.rows = {cells: row for cells, row in self.rows.items() if row[STATUS] != "failed"}
        contents = {run.cells: run.content for run in runs}
        for cells, row in self.rows.items():
            named = ", ".join(f"{key}={cell}" for key, cell in zip(self.first, cells, strict=False))
            if cells not in contents:
                self._refuse(f"holds a run that is not in this sweep: {named}")
            if row["scenario_hash"] != contents[cells]:
                self._refuse(f"the scenario, --duration or --columns was another for {named}")

    def _refuse(self, problem: str) -> None:
        raise UsageError(f"--out {self.path}: {problem}; name another file, or delete this one")


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
