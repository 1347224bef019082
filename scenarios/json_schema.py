"""The JSON Schema of scenario files, for editors that complete and check TOML."""

from __future__ import annotations

from typing import Any

from .schema import Scenario

__all__ = ["json_schema"]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
EXTENDS = {"type": "string", "description": "a scenario by name or path, which this one is laid over"}


def json_schema() -> dict[str, Any]:
    """Return the schema of a scenario file.

    What it accepts is what a file may hold: names of keys and types. What is missing and what belongs together is
    told when it is loaded, because a file may extend another.
    """
    whole = Scenario.model_json_schema(by_alias=True)
    schema: dict[str, Any] = _with_false(whole)
    schema["properties"] = {"extends": EXTENDS} | schema["properties"]
    schema["anyOf"] = [{"required": ["extends"]}, {"required": whole["required"]}]
    return {"$schema": DRAFT, "title": "runen-ecs scenario"} | {k: v for k, v in schema.items() if k != "title"}


def _with_false(part: Any) -> Any:
    """Return a part of the schema with ``false`` where Python has None, a file having no null; and nothing required."""
    if isinstance(part, list):
        return [_with_false(one) for one in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "null":
        return {"const": False}
    found = {key: _with_false(value) for key, value in part.items() if not (key == "required" and "properties" in part)}
    if "default" in found and found["default"] is None:
        found["default"] = False
    return found
