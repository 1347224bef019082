"""What a scenario needs beside its own keys: a network, a file of stimuli; and which keys belong together."""

from __future__ import annotations

import csv
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from runen_ecs.errors import FileError
from runen_ecs.faults import Path
from runen_ecs.network.description import NetworkDescription
from runen_ecs.network_files import NetworkFileError, load_network, network_from_data

from .faults import Fault, place_of
from .network_schema import Row

__all__ = ["beside", "missing", "parts_of"]

COLUMNAR = ("columns", "connections", "synapses", "cell")
NEEDS = {
    "thalamic_input": "columns",
    "stdp": "columns",
    "phases": "columns",
    "stimulus": "network",
    "bridges": "network",
    "compare_with": "columns",
}
PICTURES = {
    "spikes": "columns",
    "trace": "columns",
    "network": "network",
    "signals": "network",
    "animation": "network",
    "passes": "network",
}


def beside(path: FilePath, data: dict[str, Any]) -> None:
    """Let the names of files that a scenario file says be looked for beside it."""
    for key in ("network", "stimulus"):
        table = data.get(key)
        if isinstance(table, dict) and isinstance(table.get("file"), str):
            table["file"] = str(path.parent / table["file"])


def missing(data: dict[str, Any], places: dict[Path, str]) -> list[Fault]:
    """Return a fault for each key that others need and that is not there."""
    faults = []
    if "network" not in data or any(data.get(key) for key in COLUMNAR):
        for key in COLUMNAR:
            if key not in data:
                faults.append(Fault(place_of((key,), places), key, "is missing"))
    for key, other in NEEDS.items():
        if data.get(key) not in (None, False, []) and other not in data:
            faults.append(Fault(place_of((key,), places), key, f"has no meaning without {other}; take one of them out"))
    pictures = data.get("pictures")
    for number, name in enumerate(pictures if isinstance(pictures, list) else []):
        needed = PICTURES.get(name) if isinstance(name, str) else None
        if needed is not None and needed not in data:
            place = place_of(("pictures", number), places)
            faults.append(Fault(place, f"pictures.{number}", f"{name} needs {needed}; leave it out"))
    if data.get("bridges") and "columns" not in data:
        faults.append(Fault(place_of(("bridges",), places), "bridges", "lead to columns, and there are none"))
    return faults


def parts_of(data: dict[str, Any], places: dict[Path, str], faults: list[Fault]) -> dict[str, Any]:
    """Return the network and the stimuli that a scenario names or holds; add to ``faults`` what is wrong with them."""
    parts: dict[str, Any] = {}
    network, stimulus = data.get("network"), data.get("stimulus")
    if isinstance(network, dict):
        parts["network"] = _network(network, places, faults)
    if isinstance(stimulus, dict) and isinstance(stimulus.get("file"), str):
        parts["stimulus_file"] = _stimuli(FilePath(stimulus["file"]), place_of(("stimulus", "file"), places), faults)
    return parts


def _network(table: dict[str, Any], places: dict[Path, str], faults: list[Fault]) -> NetworkDescription | None:
    place = place_of(("network", "file"), places)
    try:
        if "file" not in table:
            return network_from_data(table, lambda path: place_of(path, places), ("network",))
        if not isinstance(table["file"], str):
            return None  # the schema says so
        if others := [key for key in table if key != "file"]:
            faults.append(Fault(place, "network", f"holds a file and {', '.join(others)}; take one of them out"))
        return load_network(FilePath(table["file"]))
    except NetworkFileError as error:
        faults += error.faults
    except FileError as error:
        faults.append(Fault(place, "network.file", str(error)))
    return None


def _stimuli(path: FilePath, place: str, faults: list[Fault]) -> list[Any]:
    """Read a table of stimuli: tick, port, signal."""
    rows, check = [], TypeAdapter(Row)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            heading = [name.strip() for name in next(reader, [])]
            if heading != ["tick", "port", "signal"]:
                faults.append(Fault(f"{path}:1", "", "must begin with the heading tick,port,signal"))
                return []
            for cells in reader:
                try:
                    rows.append(check.validate_python([_number(cell) for cell in cells], strict=True))
                except ValidationError as error:
                    problem = error.errors()[0]
                    column = heading[int(problem["loc"][0])] if problem["loc"] else ""
                    faults.append(Fault(f"{path}:{reader.line_num}", column, problem["msg"]))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no table of text in UTF-8"
        faults.append(Fault(place, "stimulus.file", f"{path}: cannot be read: {why}"))
    return rows


def _number(cell: str) -> Any:
    """Return what a cell holds: a whole number, another number, or text."""
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell.strip()
