"""Tables of numbers in files beside a scenario: pairs of neurons, spike times."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runen_ecs.errors import RunenError

__all__ = ["Columns", "TableError", "read_pairs", "read_spike_times"]


class Columns(dict[str, NDArray[np.float64]]):
    """Columns of a table by name, all of one length; equal where all their numbers are."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Columns) or self.keys() != other.keys():
            return False
        return all(np.array_equal(column, other[name]) for name, column in self.items())

    __hash__ = None


class TableError(RunenError):
    """A table that cannot be read."""

    exit_code = 3


def read_pairs(path: Path) -> Columns:
    """Read pairs of neurons: source, target, and if they are there weight_mV and delay_ms; arrays (n,) float64.

    Raises
    ------
    TableError
    """
    table = _read(path, ("source", "target"), ("weight_mV", "delay_ms"))
    _check_numbers(path, table, ("source", "target"))
    return table


def read_spike_times(path: Path) -> Columns:
    """Read spike times: neuron and time_ms; arrays (n,) float64.

    Raises
    ------
    TableError
    """
    table = _read(path, ("neuron", "time_ms"), ())
    _check_numbers(path, table, ("neuron",))
    return table


def _read(path: Path, needed: Sequence[str], possible: Sequence[str]) -> Columns:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            heading = [name.strip() for name in next(reader, [])]
            if heading[: len(needed)] != [*needed] or set(heading[len(needed) :]) - {*possible}:
                more = "".join(f"[,{name}]" for name in possible)
                raise TableError(f"{path}:1: must begin with the heading {','.join(needed)}{more}")
            rows = []
            for cells in reader:
                if any(cells):
                    rows.append(_numbers(path, reader.line_num, cells, heading))
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no table of text in UTF-8"
        raise TableError(f"{path}: cannot be read: {why}") from None
    columns = np.array(rows, np.float64).reshape(-1, len(heading)).T
    return Columns((name, column.copy()) for name, column in zip(heading, columns, strict=True))


def _numbers(path: Path, line: int, cells: list[str], heading: list[str]) -> list[float]:
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        numbers = []
    if len(numbers) != len(heading) or not np.isfinite(numbers).all():
        raise TableError(f"{path}:{line}: needs {len(heading)} numbers: {','.join(heading)}")
    return numbers


def _check_numbers(path: Path, table: Columns, names: Sequence[str]) -> None:
    """Refuse what cannot be the number of a neuron."""
    for name in names:
        wrong = (table[name] < 0) | (table[name] % 1 != 0) | (table[name] >= 2**31)
        for number in table[name][wrong][:1].tolist():
            raise TableError(f"{path}: {name} {number:g} is no number of a neuron; they are counted from 0")
