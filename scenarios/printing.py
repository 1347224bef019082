"""Scenarios and plans as text."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from runen_ecs.engine.schedule import Plan
from runen_ecs.engine.system import System

from .schema import Scenario
from .table import takes_false

__all__ = ["as_table", "as_toml"]


def as_toml(scenario: Scenario, *, whole_paths: bool = False) -> str:
    """Return a scenario as TOML with every default; what it prints can be read again.

    Parameters
    ----------
    scenario : Scenario
    whole_paths : bool
        Whether to name files by their whole paths, so that it can be read from anywhere.
    """
    lines: list[str] = []
    data = scenario.as_data()
    _write_table(scenario, _with_whole_paths(data) if whole_paths else data, "", lines)
    return "\n".join(lines).strip() + "\n"


def _with_whole_paths(data: Any) -> Any:
    if isinstance(data, list):
        return [_with_whole_paths(part) for part in data]
    if not isinstance(data, dict):
        return data
    found = {key: _with_whole_paths(value) for key, value in data.items()}
    return found | ({"file": str(Path(data["file"]).absolute())} if isinstance(data.get("file"), str) else {})


def _write_table(model: BaseModel | None, data: dict[str, Any], path: str, lines: list[str]) -> None:
    fields = list(type(model).model_fields.items()) if model is not None else []
    attributes = {f.alias or name: name for name, f in fields}
    notes = {f.alias or name: f.description for name, f in fields}
    off = {f.alias or name for name, f in fields if takes_false(f)}
    parts = {key: getattr(model, name) for key, name in attributes.items()}
    children = {key: value for key, value in data.items() if _is_table(value, parts.get(key))}
    for key, value in data.items():
        note = f"  # {notes[key]}" if notes.get(key) else ""
        if value is None and key in off:
            lines.append(f"{_key(key)} = false{note}")
        elif value is not None and value != {} and key not in children:
            lines.append(f"{_key(key)} = {_value(value)}{note}")
    for key, value in children.items():
        name, part = f"{path}{_key(key)}", parts.get(key)
        if isinstance(part, dict):
            rows = [(f"[{name}.{_key(k)}]", f"{name}.{_key(k)}.", part[k], row) for k, row in value.items()]
        elif isinstance(value, list):
            known = part if isinstance(part, list) else [None] * len(value)
            rows = [(f"[[{name}]]", f"{name}.", one, row) for one, row in zip(known, value, strict=True)]
        else:
            rows = [(f"[{name}]", f"{name}.", part, value)]
        for heading, below, one, row in rows:
            lines += ["", heading]
            _write_table(one if isinstance(one, BaseModel) else None, row, below, lines)


def _is_table(value: Any, part: Any) -> bool:
    """Whether a value gets a heading of its own: a table of the language, tables by name, a list of tables."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    named = isinstance(part, dict) and bool(part) and all(isinstance(one, BaseModel) for one in part.values())
    return isinstance(value, dict) and (isinstance(part, BaseModel) or named)


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(k)} = {_value(v)}' for k, v in value.items() if v is not None)} }}"
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(value)


def as_table(start_up: Plan, plan: Plan) -> str:
    """Return a plan as text: stages, systems, and what each reads, writes and adds."""
    lines = ["Before the first tick"]
    lines += _stages(start_up)
    lines += ["", "Each tick"]
    lines += _stages(plan)
    return "\n".join(lines) + "\n"


def _stages(plan: Plan) -> list[str]:
    lines = []
    width = max(map(len, plan.names), default=0)
    for number, names in enumerate(plan.stages, start=1):
        for name in names:
            system = plan[name]
            how = (
                "compiled" if system.compiled else ("python" if system.every == 1 else f"python, every {system.every}")
            )
            lines.append(f"  {number:2}  {name:{width}}  [{how}]")
            lines += [f"      {mode:6} {', '.join(found)}" for mode, found in _access(system).items() if found]
    return lines


def _access(system: System) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"reads": [], "writes": [], "adds": []}
    for access in system.accesses:
        found[access.mode].append(access.target.__name__)
    return found
