"""`runen inspect` and `runen diff`: recorded runs at any tick."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from runen_ecs.components import NEURON
from runen_ecs.engine import Entity, World

from ..looking_back import (
    RecordedRun,
    components_of,
    differing_keys,
    entities_of,
    first_difference,
    name_of,
    neighbours_of,
    number_of,
)
from .running import moment_of

__all__ = ["MOST_SHOWN", "diff_runs", "inspect_run", "lines_of", "plain_values", "shown", "some_of"]

MOST_SHOWN = 20
MOST_LETTERS = 60


def inspect_run(folder: Path, entity: str, at: str, as_json: bool) -> None:
    """Print the components of entities as they were at a time."""
    run = RecordedRun(folder)
    world = run.at(moment_of(at, run.dt_ms)).world
    entities = entities_of(world, entity)
    if as_json:
        found = [_told(world, one) for one in entities]
        print(json.dumps({"tick": world.tick, "time_ms": world.tick * run.dt_ms, "entities": found}))
        return
    print(f"{len(entities):,} of {entity}, at {world.tick * run.dt_ms / 1000:g} s, the end of tick {world.tick:,}")
    for one in entities[:MOST_SHOWN]:
        print("", *lines_of(world, one), sep="\n")
    if len(entities) > MOST_SHOWN:
        print(f"\nand {len(entities) - MOST_SHOWN:,} more; --json tells them all")


def lines_of(world: World, entity: Entity) -> Iterator[str]:
    """Yield what there is to say of an entity: its components, and of a neuron, how many synapses it has."""
    yield name_of(world, entity)
    components = components_of(world, entity)
    width = max((len(component.__name__) for component in components), default=0)
    for component, fields in components.items():
        units = {name: str(component.fields[name].unit) for name in fields}
        values = ", ".join(f"{name} {shown(value)} {units[name]}".rstrip() for name, value in fields.items())
        yield f"  {component.__name__:{width}}  {values}".rstrip()
    if world.index.find(entity)[1] == NEURON.name:
        for words, numbers in zip(("fed by", "feeds"), neighbours_of(world, entity), strict=True):
            yield f"  {words} {len(numbers):,} synapses: {some_of(numbers)}".rstrip()


def some_of(numbers: Sequence[object]) -> str:
    """Return the first of many, in a line."""
    return " ".join(map(str, numbers[:MOST_SHOWN])) + (" …" if len(numbers) > MOST_SHOWN else "")


def _told(world: World, entity: Entity) -> dict[str, Any]:
    kind = world.index.find(entity)[1]
    components = {component.__name__: fields for component, fields in components_of(world, entity).items()}
    told = {"kind": kind, "number": number_of(world, entity), "name": name_of(world, entity), "entity": entity}
    told["components"] = plain_values(components)
    if kind == NEURON.name:
        told["fed_by"], told["feeds"] = neighbours_of(world, entity)
    return told


def plain_values(data: Any) -> Any:
    """Return data as JSON can hold it: what is no number as null, what is infinite as text."""
    if isinstance(data, dict):
        return {key: plain_values(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plain_values(value) for value in data]
    if isinstance(data, float) and not math.isfinite(data):
        return None if math.isnan(data) else str(data)
    return data


def shown(value: Any) -> str:
    """Return a value of a component in a few letters."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def diff_runs(first: Path, second: Path, as_json: bool) -> bool:
    """Print where two recorded runs first differ, and in which keys their scenarios; return whether the runs do."""
    found, keys = first_difference(first, second), differing_keys(first, second)
    ticks = [RecordedRun(path).tick for path in (first, second)]
    if as_json:
        told = {"identical": found is None, "ticks": ticks, "difference": found, "scenario": keys}
        print(json.dumps(plain_values(told)))
        return found is not None
    for key, values in keys.items():
        print(f"{key}: {' in the first, '.join(_brief(value) for value in values)} in the second")
    if found is None:
        longer = "" if ticks[0] == ticks[1] else f"; of {ticks[0]:,} and {ticks[1]:,} in all"
        since = max(RecordedRun(path).first for path in (first, second))
        after = f" after tick {since:,}, where a branch began" if since else ""
        print(f"identical in {min(ticks) - since:,} ticks{after}{longer}")
    else:
        what = f"{found['component']}.{found['field']} of {found['entity']}" if "component" in found else found["what"]
        print(f"tick {found['tick']:,}: {what} is {found['values'][0]} in {first} and {found['values'][1]} in {second}")
    return found is not None


def _brief(value: Any) -> str:
    """Return a value of a scenario in a line."""
    text = "left out" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"
