"""The base of all tables of a scenario."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.fields import FieldInfo

__all__ = ["OrFalse", "Table", "takes_false"]

T = TypeVar("T")


class Table(BaseModel):
    """A table: its keys and types are checked strictly, and it does not change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, populate_by_name=True)


def _none_for_false(value: Any) -> Any:
    return None if value is False else value


OrFalse = Annotated[T | None, BeforeValidator(_none_for_false)]


def takes_false(field: FieldInfo) -> bool:
    """Whether a key may be ``false`` for: none of it."""
    return any(getattr(part, "func", None) is _none_for_false for part in field.metadata)
