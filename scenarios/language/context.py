"""What the keys of one table of a scenario are held against that stands in another, as far as it can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from runen_ecs.faults import Path
from runen_ecs.network import ALL, Shape

from ..quantities import TickLength
from .events import name_of
from .extensions import ExtensionError, components_of, load_extension
from .learning import learning_faults
from .models import HindmarshRoseSettings
from .populations import population_faults, shape_of
from .tables import TableError, read_pairs, read_spike_times

__all__ = ["COLUMNS", "context_of", "reference_faults"]

COLUMNS, STDP = "columns", "stdp"
"""What the neurons, and the synapses, of the short way to say columns are called in selections."""

MOST_SCALE = 1e6  # beyond, the schema says so
TICK: TypeAdapter[float] = TypeAdapter(TickLength)
Found = list[tuple[Path, str]]


def context_of(data: Mapping[str, Any], found: Found) -> dict[str, Any]:
    """Return what validators are given; add to ``found`` which files cannot be read, and why."""
    context: dict[str, Any] = _tick(data)
    context |= _columns(data)
    shapes = _shapes(data)
    if shapes is not None:
        context |= {"shapes": shapes, "n_neurons": sum(shape.size for shape in shapes.values())}
    context["learning"] = list(_tables(data, "learning"))
    context["projections"] = [*([COLUMNS] if "columns" in data else []), *_tables(data, "projections")]
    context["all_projections"] = [*context["projections"], *_added(data)]
    context["files"], context["trains"] = {}, {}
    for name, table in _tables(data, "projections").items():
        rule = table.get("rule")
        if isinstance(rule, dict) and isinstance(rule.get("file"), str):
            _read(read_pairs, rule["file"], context["files"], ("projections", name, "rule", "file"), found)
    for name, table in _tables(data, "populations").items():
        if isinstance(table.get("file"), str):
            _read(read_spike_times, table["file"], context["trains"], ("populations", name, "file"), found)
    context["extensions"], context["components"], tried = {}, {}, set[str]()
    for name, table in _tables(data, "extensions").items():
        if isinstance(table.get("file"), str) and table["file"] not in tried:
            tried.add(table["file"])
            try:
                module = load_extension(FilePath(table["file"]))
            except ExtensionError as error:
                found.append((("extensions", name, "file"), str(error)))
                context["components"] = None  # nobody can tell what it would have had
                continue
            context["extensions"][table["file"]] = module
            if context["components"] is not None:
                context["components"] |= components_of(module)
    return context


def reference_faults(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with populations and learning rules, and where, beside what the types of keys tell."""
    tick = _tick(data).get("dt", 1.0)
    for name, table in _tables(data, "populations").items():
        yield from ((("populations", name, *path), problem) for path, problem in population_faults(name, table, tick))
        if name == COLUMNS and "columns" in data:
            yield ("populations", name), f"{COLUMNS!r} are the neurons of the table of columns; take another name"
    if not data.keys() & {"columns", "populations"}:
        record = data["record"] if isinstance(data.get("record"), dict) else {}
        for path, given in (("events",), data.get("events")), (("record", "values"), record.get("values")):
            if given:
                yield path, "has no meaning without columns or populations; take it out"
    if any(table.get("model") == "hindmarsh-rose" for table in _tables(data, "populations").values()):
        scale = _tables(data, "models").get("hindmarsh-rose", {}).get("time_scale", 1.0)
        if (
            isinstance(scale, int | float)
            and 0 < scale <= MOST_SCALE
            and (problem := HindmarshRoseSettings.problem(scale, tick))
        ):
            yield ("models", "hindmarsh-rose", "time_scale"), problem
    for name in _tables(data, "projections"):
        if name == ALL or (name == COLUMNS and "columns" in data):
            others = "every projection" if name == ALL else "the synapses of the table of columns"
            yield ("projections", name), f"{name!r} means {others}; take another name"
    for name, table in _tables(data, "learning").items():
        if name == STDP and isinstance(data.get("stdp"), dict):
            yield ("learning", name), f"{STDP!r} is the rule of the columns, [{STDP}]; take another name"
        yield from ((("learning", name, *path), problem) for path, problem in learning_faults(table))
    if isinstance(data.get("stdp"), dict):
        yield from ((("stdp", *path), problem) for path, problem in learning_faults(data["stdp"]))


def _tables(data: Mapping[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """Return those tables of a key that are tables."""
    tables = data.get(key)
    return {k: v for k, v in tables.items() if isinstance(v, dict)} if isinstance(tables, dict) else {}


def _added(data: Mapping[str, Any]) -> list[str]:
    """Return what the synapses that events add are called."""
    events = data.get("events")
    numbered = enumerate(events if isinstance(events, list) else [])
    return [name_of(number) for number, event in numbered if isinstance(event, dict) and event.get("connect")]


def _read(read: Any, file: str, into: dict[str, Any], path: Path, found: Found) -> None:
    try:
        into[file] = read(FilePath(file))
    except TableError as error:
        found.append((path, str(error)))


def _tick(data: Mapping[str, Any]) -> dict[str, float]:
    try:
        return {"dt": TICK.validate_python(data["dt"])} if "dt" in data else {}
    except ValidationError:
        return {}  # the schema says why


def _columns(data: Mapping[str, Any]) -> dict[str, Any]:
    columns = data.get("columns")
    layers = columns.get("layers") if isinstance(columns, dict) else None
    if not isinstance(columns, dict) or not isinstance(layers, dict):
        return {}
    known = {"layers": list(layers)}
    if layers and _whole(columns.get("count"), *layers.values()):
        return known | {"columns": (columns["count"], layers)}
    return known


def _shapes(data: Mapping[str, Any]) -> dict[str, Shape] | None:
    """Return the shapes of all populations; None if one cannot be told."""
    shapes: dict[str, Shape] = {}
    if "columns" in data:
        known = _columns(data).get("columns")
        if known is None:
            return None
        shapes[COLUMNS] = shape_of(None, *known)
    for name, table in data.get("populations", {}).items() if isinstance(data.get("populations", {}), dict) else ():
        if not isinstance(table, dict) or not isinstance(layers := table.get("layers", {}), dict):
            return None
        size, columns = table.get("size"), table.get("columns")
        given = (columns, *layers.values()) if layers else (size,)
        if not _whole(*given) or (layers and size is not None) or (not layers and columns is not None):
            return None
        shapes[name] = shape_of(size, columns, layers)
    return shapes


def _whole(*numbers: Any) -> bool:
    return all(isinstance(number, int) and not isinstance(number, bool) and 1 <= number < 2**31 for number in numbers)
