"""Types of keys that several tables of a scenario have: selections, weights, delays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import accumulate
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, PlainSerializer, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from runen_ecs.distributions import Uniform, sample
from runen_ecs.engine import Int64s
from runen_ecs.errors import SelectionError
from runen_ecs.network import Selection, Shape

from ..quantities import parse_time, show_time, tick_of
from .expressions import Expression
from .numbers import Number, NumberError, parse_number

__all__ = ["Delay", "DelayTicks", "Selections", "Value", "Weight", "count_of", "number_of", "numbers_of"]

LONGEST_DELAY = 4095
MOST_LISTED = 1_000_000
NUMBER_SCHEMA = WithJsonSchema({"type": ["number", "string", "object"]})


def _selections(raw: Any, info: ValidationInfo) -> tuple[Selection, ...]:
    """Read one selection or a list of them, and hold them against the populations that there are."""
    texts = raw if isinstance(raw, list) else [raw]
    if not texts or not all(isinstance(text, str) for text in texts):
        problem = 'needs the name of a population, such as "excitatory", or a list of selections'
        raise PydanticCustomError("selection", "{problem}", {"problem": problem})
    shapes: dict[str, Shape] | None = (info.context or {}).get("shapes")
    try:
        found = tuple(map(Selection.parse, texts))
        for selection in found if shapes is not None else ():
            selection.count(shapes or {})
    except SelectionError as error:
        raise PydanticCustomError("selection", "{problem}", {"problem": error.problem}) from None
    return found


def _show_selections(selections: tuple[Selection, ...]) -> Any:
    shown = [str(selection) for selection in selections]
    return shown[0] if len(shown) == 1 else shown


Selections = Annotated[
    tuple[Selection, ...],
    BeforeValidator(_selections),
    PlainSerializer(_show_selections),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


def count_of(selections: tuple[Selection, ...], shapes: Mapping[str, Shape]) -> int:
    """Return how many neurons selections have together; too many to list: those in two of them count twice."""
    n = sum(selection.count(shapes) for selection in selections)
    return n if len(selections) == 1 or n > MOST_LISTED else numbers_of(selections, shapes).size


def numbers_of(selections: tuple[Selection, ...], shapes: Mapping[str, Shape]) -> Int64s:
    """Return the neurons of selections, each once, counted over all populations; as many as may be listed."""
    first = dict(zip(shapes, accumulate((shape.size for shape in shapes.values()), initial=0), strict=False))
    small = (one for one in selections if one.count(shapes) <= MOST_LISTED)
    parts = [first[name] + numbers for one in small for name, numbers in one.places(shapes)]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *parts]))


def number_of(raw: Any, unit: str) -> Number:
    """Return a number as `parse_number` does, or say in pydantic's way what is wrong with it."""
    try:
        number = parse_number(raw, unit)
    except NumberError as error:
        raise PydanticCustomError("number", "{problem}", {"problem": str(error)}) from None
    if number.names:
        problem = f"no number is called {min(number.names)!r} here; it needs a number or a distribution"
        raise PydanticCustomError("number", "{problem}", {"problem": problem})
    return number


def _show_number(number: Number | None) -> Any:
    return number.written if number is not None else None


def _typed(read: Callable[[Any], Number]) -> Any:
    return Annotated[Number | None, BeforeValidator(read), PlainSerializer(_show_number), NUMBER_SCHEMA]


Value = _typed(partial(number_of, unit=""))
Weight = _typed(partial(number_of, unit="mV"))


@dataclass(frozen=True)
class DelayTicks:
    """Delays in ticks: one for all, or drawn; uniform ones are whole ticks, both bounds included.

    Attributes
    ----------
    written : object
        As the scenario has it.
    number : Number
        In ticks.
    """

    written: Any
    number: Number

    def values(self, seed: int, purpose: str, n: int) -> NDArray[np.int64]:
        """Return n delays [ticks], (n,) int64."""
        source = self.number.source
        if isinstance(source, Uniform):
            low, high = round(source.low), round(source.high)
            return low + (sample(Uniform(0, 1), seed, purpose, n) * (high - low + 1)).astype(np.int64)
        return np.clip(np.rint(self.number.values(seed, purpose, n)), 1, LONGEST_DELAY).astype(np.int64)

    @property
    def longest(self) -> int:
        """The longest that it may be [ticks]."""
        return int(min(self.number.extremes[1], LONGEST_DELAY))


def _delay(raw: Any, info: ValidationInfo) -> DelayTicks:
    tick = tick_of(info.context)
    in_ticks = partial(_in_ticks, tick=tick)
    if isinstance(raw, dict):
        scaled = {key: _scaled(value, key, in_ticks) for key, value in raw.items()}
        number = number_of(scaled, "")
        if number.negative:
            raise PydanticCustomError("delay", "no delay is negative", {})
    else:
        number = number_of(in_ticks(raw, exact=True), "")
    low, high = number.extremes
    unbounded = not isinstance(number.source, Uniform | float | int)  # what is drawn beyond is set to the bounds
    if isinstance(number.source, Expression) or (not unbounded and not 1 <= low <= high <= LONGEST_DELAY):
        words = {"shortest": show_time(float(tick)), "longest": show_time(float(tick * LONGEST_DELAY))}
        raise PydanticCustomError("delay", "must be from {shortest} (a tick) to {longest}", words)
    return DelayTicks(raw, number)


def _scaled(value: Any, key: str, in_ticks: Callable[..., float]) -> Any:
    """Return the times in a distribution as numbers of ticks."""
    if key == "lognormal" and isinstance(value, list) and len(value) == 2:
        return [in_ticks(value[0], exact=False), value[1]]
    if isinstance(value, list):
        return [in_ticks(part, exact=key == "uniform") for part in value]
    return in_ticks(value, exact=False) if key in ("low", "high") else value


def _in_ticks(raw: Any, tick: Decimal, exact: bool) -> float:
    ticks = parse_time(raw) / tick
    if exact and ticks != round(ticks):
        words = {"tick": show_time(float(tick)), "time": show_time(float(parse_time(raw)))}
        raise PydanticCustomError("time", "must be a whole number of ticks of {tick}; it is {time}", words)
    return float(ticks)


Delay = Annotated[
    DelayTicks | None,
    BeforeValidator(_delay),
    PlainSerializer(lambda delay: delay.written if delay is not None else None),
    WithJsonSchema({"type": ["string", "object"]}),
]
