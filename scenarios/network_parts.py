"""What a scenario needs beside its own keys: a network, a file of stimuli; and which keys belong together."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from runen_ecs.errors import FileError, PortNotFoundError
from runen_ecs.faults import Path, key_of
from runen_ecs.faults import faults_of as faults_in_words
from runen_ecs.network.description import NetworkDescription
from runen_ecs.network_files import NetworkFileError, load_network, network_from_data

from .faults import WORDS, Fault, place_of
from .network_schema import Row, Stimulus
from .schema import Scenario

__all__ = ["beside", "misfits", "missing", "parts_of"]

COLUMNAR = ("columns", "connections", "synapses", "cell")
SPIKING = "columns or populations"
NEEDS = {
    "thalamic_input": "columns",
    "stdp": "columns",
    "phases": SPIKING,
    "projections": SPIKING,
    "inputs": SPIKING,
    "stimulus": "network",
    "bridges": "network",
    "compare_with": "columns",
}
PICTURES = {
    "spikes": SPIKING,
    **dict.fromkeys(("trace", "traces", "rates", "intervals", "rhythm", "weights", "values", "window"), SPIKING),
    "network": "network",
    "signals": "network",
    "animation": "network",
    "passes": "network",
}


def beside(path: FilePath, data: dict[str, Any]) -> None:
    """Let the names of files that a scenario file says be looked for beside it."""
    named = [data.get("network"), data.get("stimulus")]
    for key in ("populations", "extensions", "projections"):
        tables = data.get(key)
        found = [table for table in tables.values() if isinstance(table, dict)] if isinstance(tables, dict) else []
        named += [table.get("rule") for table in found] if key == "projections" else found
    for table in named:
        if isinstance(table, dict) and isinstance(table.get("file"), str):
            table["file"] = str(path.parent / table["file"])


def missing(data: dict[str, Any], places: dict[Path, str]) -> list[Fault]:
    """Return a fault for each key that others need and that is not there."""
    faults = []
    if any(data.get(key) for key in COLUMNAR):
        for key in COLUMNAR:
            if key not in data:
                faults.append(Fault(place_of((key,), places), key, "is missing"))
    elif "network" not in data and not data.get("populations"):
        problem = "is missing; a scenario has populations, columns or a network"
        faults.append(Fault(place_of(("populations",), places), "populations", problem))
    there = data.keys() | ({SPIKING} if {"columns", "populations"} & data.keys() else set())
    for key, other in NEEDS.items():
        if data.get(key) not in (None, False, [], {}) and other not in there:
            faults.append(Fault(place_of((key,), places), key, f"has no meaning without {other}; take one of them out"))
    record = data.get("record")
    if isinstance(record, dict) and record.get("traces") and SPIKING not in there:
        problem = "neurons of a capacity network have no potential; leave it out"
        faults.append(Fault(place_of(("record", "traces"), places), "record.traces", problem))
    pictures = data.get("pictures")
    for number, name in enumerate(pictures if isinstance(pictures, list) else []):
        needed = PICTURES.get(name) if isinstance(name, str) else None
        if needed is not None and needed not in there:
            place = place_of(("pictures", number), places)
            faults.append(Fault(place, f"pictures.{number}", f"{name} needs {needed}; leave it out"))
    if data.get("bridges") and "columns" not in data:
        faults.append(Fault(place_of(("bridges",), places), "bridges", "lead to columns, and there are none"))
    return faults


def misfits(scenario: Scenario, network: NetworkDescription | None, places: dict[Path, str]) -> list[Fault]:
    """Return a fault for each port, tick and picture that does not go with the others."""
    found: list[tuple[Path, str]] = []
    taken: dict[int, int] = {}
    for number, bridge in enumerate(scenario.bridges):
        if bridge.into in taken:
            found.append((("bridges", number, "into"), _is_taken(bridge.into, taken)))
        elif bridge.into is not None:
            taken[bridge.into] = number
    if network is not None and (stimulus := scenario.stimulus) is not None:
        known = network.wire()[0].input_port
        for where, port in dict.fromkeys(stimulus.ports()):
            if port not in known:
                found.append((("stimulus", *where), str(PortNotFoundError(port, known))))
            elif port in taken:
                found.append((("stimulus", *where), _is_taken(port, taken)))
        for (_, earlier), (where, later) in pairwise(stimulus.ticks()):
            if later < earlier:
                problem = f"tick {later} comes after tick {earlier}; put them in order"
                found.append((("stimulus", *where), problem))
    for number, name in enumerate(scenario.pictures or ()):
        if name in ("trace", "traces") and not scenario.record.traces:
            found.append((("pictures", number), f"{name} needs record.traces; say of which neurons, or leave it out"))
        if name == "values" and not scenario.record.values:
            found.append((("pictures", number), "values needs record.values; say of which fields, or leave it out"))
    return [Fault(place_of(path, places), key_of(path), problem) for path, problem in found]


def _is_taken(port: int | None, taken: dict[int, int]) -> str:
    return f"a spiking neuron takes the place of input port {port}: bridges.{taken[port or 0]}"


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
                if not any(cells):
                    continue
                try:
                    rows.append(check.validate_python([_number(cell) for cell in cells], strict=True))
                except ValidationError as error:
                    for where, fault in faults_in_words(error, Stimulus, lambda _: "", WORDS):
                        column = heading[int(where[0])] if where else ""
                        faults.append(Fault(f"{path}:{reader.line_num}", column, fault.problem))
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
