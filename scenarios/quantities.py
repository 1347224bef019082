"""Numbers with units, as they stand in a scenario: ``"20 ms"``, ``"1.62 mV"``."""

from __future__ import annotations

import math
import re
from decimal import Decimal, DecimalException
from typing import Annotated, Any

from pydantic import (
    AllowInfNan,
    BeforeValidator,
    FieldSerializationInfo,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

__all__ = ["Horizon", "Interval", "Length", "Moment", "Potential", "TickLength", "Ticks", "parse_time"]

MOST_DT_MS = 100
MOST_MV = 1e6
MOST_TICKS = 2**31 - 1  # ticks are counted in 32 bits
TIME_UNITS: dict[str, Decimal | int] = {
    "us": Decimal("0.001"),
    "µs": Decimal("0.001"),
    "ms": 1,
    "s": 1000,
    "min": 60_000,
}
_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-zµ]*)\s*")


def parse_time(value: Any) -> Decimal:
    """Return a time in ms.

    Parameters
    ----------
    value : str
        A number and a unit, us, ms, s or min.

    Raises
    ------
    PydanticCustomError
        If it is anything else.
    """
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None or match.group(2) not in TIME_UNITS:
        plain = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < MOST_TICKS
        shown = f'"{value:g} ms"' if plain else '"20 ms"'
        raise PydanticCustomError(
            "time", "needs a time with its unit (us, ms, s or min), such as {shown}", {"shown": shown}
        )
    try:
        return Decimal(match.group(1)) * TIME_UNITS[match.group(2)]
    except DecimalException:
        raise PydanticCustomError("time", "is too long a number", {}) from None


def _dt(value: Any) -> float:
    ms = parse_time(value)
    if not 0 < ms <= MOST_DT_MS:
        raise PydanticCustomError("time", "must be longer than 0, and at most {most} ms", {"most": MOST_DT_MS})
    return float(ms)


def tick_of(context: dict[str, Any] | None) -> Decimal:
    """Return the length of a tick [ms] in what a scenario is checked or printed with."""
    return Decimal(repr((context or {}).get("dt", 1.0)))


def _ticks(value: Any, info: ValidationInfo) -> int:
    ms, tick = parse_time(value), tick_of(info.context)
    ticks, words = ms / tick, {"tick": show_time(float(tick)), "most": MOST_TICKS}
    if abs(ticks) > MOST_TICKS:
        raise PydanticCustomError("time", "must be at most {most} ticks of {tick}", words)
    if ticks != round(ticks):
        problem = "must be a whole number of ticks of {tick}; it is {time}"
        raise PydanticCustomError("time", problem, words | {"time": show_time(float(ms))})
    if ticks < 0:
        raise PydanticCustomError("time", "must not be negative", {})
    return round(ticks)


def _show_ticks(ticks: int, info: FieldSerializationInfo) -> str | float:
    return show_time(float(ticks * tick_of(info.context)))


def _interval(value: Any, info: ValidationInfo) -> int:
    ticks = _ticks(value, info)
    if ticks == 0:
        raise PydanticCustomError("interval", "must be at least one tick", {})
    return ticks


def _show_interval(ticks: int | None, info: FieldSerializationInfo) -> str | float | None:
    return None if ticks is None else _show_ticks(ticks, info)


def _moment(value: Any) -> float:
    ms = float(parse_time(value))
    if not 0 <= ms < MOST_TICKS:
        raise PydanticCustomError("time", "must not be negative, and at most {most} ms", {"most": MOST_TICKS})
    return ms


def _horizon(value: Any) -> float:
    if isinstance(value, float) and value == math.inf:
        return math.inf
    ms = float(parse_time(value))
    if not 0 < ms < math.inf:
        raise PydanticCustomError("time", "must be longer than 0, and finite or inf", {})
    return ms


def _potential(value: Any) -> float:
    if isinstance(value, str):
        match = _QUANTITY.fullmatch(value)
        if match is None or match.group(2) not in ("mV", "V"):
            raise PydanticCustomError("potential", 'needs a number in mV, such as 4.0 or "4 mV"', {})
        value = float(match.group(1)) * (1000.0 if match.group(2) == "V" else 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("potential", 'needs a number in mV, such as 4.0 or "4 mV"', {})
    if not abs(value) <= MOST_MV:
        raise PydanticCustomError("potential", "must be finite, and at most a million mV", {})
    return float(value)


def show_time(ms: float) -> str | float:
    """Return a time as it would stand in a scenario."""
    if math.isinf(ms):
        return ms
    seconds = ms >= 1000 and ms % 1000 == 0
    text = repr(ms / 1000 if seconds else ms).removesuffix(".0")
    return f"{text} {'s' if seconds else 'ms'}"


_TIME_PATTERN = r"^\s*[+-]?[0-9.eE+-]+\s*(us|µs|ms|s|min)\s*$"
_TIME_SCHEMA = WithJsonSchema({"type": "string", "pattern": _TIME_PATTERN})
Ticks = Annotated[int, BeforeValidator(_ticks), PlainSerializer(_show_ticks), _TIME_SCHEMA]
Length = Annotated[int, BeforeValidator(_interval), PlainSerializer(_show_ticks), _TIME_SCHEMA]
TickLength = Annotated[float, BeforeValidator(_dt), PlainSerializer(show_time), _TIME_SCHEMA]
Interval = Annotated[int | None, BeforeValidator(_interval), PlainSerializer(_show_interval), _TIME_SCHEMA]
Moment = Annotated[float, BeforeValidator(_moment), PlainSerializer(show_time), _TIME_SCHEMA]
_HORIZON_SCHEMA = WithJsonSchema({"anyOf": [{"type": "string", "pattern": _TIME_PATTERN}, {"type": "number"}]})
Horizon = Annotated[float, AllowInfNan(True), BeforeValidator(_horizon), PlainSerializer(show_time), _HORIZON_SCHEMA]
_POTENTIAL_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string", "pattern": r"^\s*[+-]?[0-9.eE+-]+\s*m?V\s*$"}, {"type": "number"}]}
)
Potential = Annotated[float, BeforeValidator(_potential), _POTENTIAL_SCHEMA]
