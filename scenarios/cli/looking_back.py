"""`runen inspect` and `runen diff`: recorded runs at any tick."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from runen_ecs.components import NEURON
from runen_ecs.engine import Entity, World

from ..looking_back import RecordedRun, components_of, entities_of, first_difference, neighbours_of, number_of
from .running import moment_of

__all__ = ["diff_runs", "inspect_run", "plain_values"]

MOST_SHOWN = 20


def inspect_run(folder: Path, entity: str, at: str, as_json: bool) -> None:
    """Print the components of entities as they were at a time."""
    run = RecordedRun(folder)
    dt = run.dt_ms
    world = run.at(moment_of(at, dt)).world
    entities = entities_of(world, entity)
    found = [_told(world, one) for one in entities]
    if as_json:
        print(json.dumps({"tick": world.tick, "time_ms": world.tick * dt, "entities": found}))
        return
    print(f"{len(found):,} of {entity}, at {world.tick * dt / 1000:g} s, the end of tick {world.tick:,}")
    for one in found[:MOST_SHOWN]:
        print(f"\n{one['kind']}:{one['number']}")
        width = max(map(len, one["components"]), default=0)
        for name, fields in one["components"].items():
            print(f"  {name:{width}}  {', '.join(f'{key} {_shown(value)}' for key, value in fields.items())}")
        for key in ("fed_by", "feeds"):
            if key in one:
                numbers = one[key]
                some = " ".join(map(str, numbers[:MOST_SHOWN])) + (" …" if len(numbers) > MOST_SHOWN else "")
                print(f"  {key.replace('_', ' ')} {len(numbers):,} synapses: {some}")
    if len(found) > MOST_SHOWN:
        print(f"\nand {len(found) - MOST_SHOWN:,} more; --json tells them all")


def _told(world: World, entity: Entity) -> dict[str, Any]:
    kind = world.index.find(entity)[1]
    told: dict[str, Any] = {"kind": kind, "number": number_of(world, entity), "entity": entity}
    told["components"] = plain_values(components_of(world, entity))
    if kind == NEURON.name:
        told["fed_by"], told["feeds"] = neighbours_of(world, entity)
    return told


def plain_values(data: Any) -> Any:
    """Return data as JSON can hold it: what is no finite number as text."""
    if isinstance(data, dict):
        return {key: plain_values(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plain_values(value) for value in data]
    return str(data) if isinstance(data, float) and not math.isfinite(data) else data


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def diff_runs(first: Path, second: Path, as_json: bool) -> bool:
    """Print where two recorded runs first differ; return whether they do."""
    found = first_difference(first, second)
    ticks = [RecordedRun(path).tick for path in (first, second)]
    if as_json:
        print(json.dumps({"identical": found is None, "ticks": ticks, "difference": found}))
    elif found is None:
        longer = "" if ticks[0] == ticks[1] else f"; of {ticks[0]:,} and {ticks[1]:,} in all"
        print(f"identical in {min(ticks):,} ticks{longer}")
    else:
        what = f"{found['component']}.{found['field']} of {found['entity']}" if "component" in found else found["what"]
        print(f"tick {found['tick']:,}: {what} is {found['values'][0]} in {first} and {found['values'][1]} in {second}")
    return found is not None
