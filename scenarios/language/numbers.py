"""Numbers of a scenario: one for all, one for each drawn from a distribution, or worked out from others."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runen_ecs.distributions import Distribution, LogNormal, Normal, Uniform, sample
from runen_ecs.errors import DistributionError, choices

from .expressions import Expression, ExpressionError

__all__ = ["UNITS", "Number", "NumberError", "parse_number", "parse_quantity"]

UNITS: dict[str, dict[str, float]] = {
    "mV": {"mV": 1.0, "V": 1000.0},
    "ms": {"us": 0.001, "µs": 0.001, "ms": 1.0, "s": 1000.0, "min": 60_000.0},
    "Hz": {"Hz": 1.0, "kHz": 1000.0},
}
KINDS = {"uniform": ("low", "high"), "normal": ("mean", "sd"), "lognormal": ("median", "sd")}
_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-zµ/]*)\s*")
_NUMBER_TOO_LONG = 1e300
FARTHEST = 8.6  # standard deviations: no number with 53 random bits lies farther from the mean
MOST_EXPONENT = 700.0


class NumberError(ValueError):
    """What stands in the place of a number is none."""


@dataclass(frozen=True)
class Number:
    """A number for each neuron or synapse.

    Attributes
    ----------
    written : object
        As the scenario has it.
    source : float, Distribution or Expression
    negative : float
        Share of the numbers whose sign is turned.
    """

    written: Any
    source: Distribution | Expression
    negative: float = 0.0

    @property
    def names(self) -> frozenset[str]:
        """The names of the values that it is worked out from."""
        return self.source.names if isinstance(self.source, Expression) else frozenset()

    def values(
        self, seed: int, purpose: str, n: int, given: Mapping[str, NDArray[np.float64]] | None = None
    ) -> NDArray[np.float64]:
        """Return n numbers; draws are functions of the seed, the purpose and the place alone.

        Raises
        ------
        ExpressionError
            If an expression gives no finite number.
        """
        if isinstance(self.source, Expression):
            return np.broadcast_to(self.source(given or {}), (n,)).copy()
        with np.errstate(over="ignore"):
            found = sample(self.source, seed, purpose, n)
        if isinstance(self.source, LogNormal) and not np.isfinite(found).all():
            raise ExpressionError(f"lognormal = [{self.source.median:g}, {self.source.sd:g}] gives inf; lower its sd")
        if self.negative:
            found = np.where(sample(Uniform(0, 1), seed, f"{purpose}/sign", n) < self.negative, -found, found)
        return found

    @property
    def extremes(self) -> tuple[float, float]:
        """Between what the numbers lie, as good as surely; infinite where nobody can tell."""
        match self.source:
            case Expression():
                return -math.inf, math.inf
            case Uniform(low, high):
                found = low, high
            case Normal(mean, sd, low, high):
                found = max(low, mean - FARTHEST * sd), min(high, mean + FARTHEST * sd)
            case LogNormal(median, sd):
                farthest = math.exp(min(FARTHEST * sd, MOST_EXPONENT))
                found = median / farthest, median * farthest
            case number:
                found = float(number), float(number)
        return (min(found[0], -found[1]), max(found[1], -found[0])) if self.negative else found


def parse_quantity(raw: Any, unit: str) -> float:
    """Return one number in a unit; text carries a unit of its own.

    Raises
    ------
    NumberError
    """
    if isinstance(raw, str):
        match = _QUANTITY.fullmatch(raw)
        factors = UNITS.get(unit, {unit: 1.0} if unit else {})
        if match is None or (match[2] and match[2] not in factors):
            takes = f"in {' or '.join(factors)}" if factors else "without a unit"
            raise NumberError(f"needs a number {takes}, not {_shown(raw)}")
        if not match[2]:
            raise NumberError(f"needs no quotes: {match[1]}" + (f', or a unit: "{match[1]} {unit}"' if unit else ""))
        raw = float(match[1]) * factors[match[2]]
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise NumberError(f"needs a number, not {_shown(raw)}")
    if not abs(raw) < _NUMBER_TOO_LONG:
        raise NumberError(f"must be a number below {_NUMBER_TOO_LONG:g}, not {_shown(raw)}")
    return float(raw)


def parse_number(raw: Any, unit: str = "") -> Number:
    """Read a number, a quantity (``"1.62 mV"``), a distribution (``{ uniform = [0.5, 4] }``) or an expression.

    Parameters
    ----------
    raw : object
    unit : str
        What it is in.

    Raises
    ------
    NumberError
    """
    if isinstance(raw, str) and _QUANTITY.fullmatch(raw) is None:
        try:
            return Number(raw, Expression(raw))
        except ExpressionError as error:
            raise NumberError(str(error)) from None
    if not isinstance(raw, dict):
        return Number(raw, parse_quantity(raw, unit))
    return _distribution(raw, unit)


def _distribution(raw: dict[str, Any], unit: str) -> Number:
    kinds = [key for key in raw if key in KINDS]
    known = [*(kinds[:1] or KINDS), "negative", *(["low", "high"] if kinds == ["normal"] else [])]
    for key in raw:
        if key not in known:
            raise NumberError(f"{key!r} is unknown in a distribution; {choices(str(key), known)}")
    if len(kinds) != 1:
        raise NumberError(f"a distribution holds one of {', '.join(KINDS)}")
    kind, bounds = kinds[0], {}
    pair = raw[kind]
    if not isinstance(pair, list) or len(pair) != 2:
        raise NumberError(f"{kind} takes two numbers: {kind} = [{', '.join(KINDS[kind])}]")
    first, second = parse_quantity(pair[0], unit), parse_quantity(pair[1], "" if kind == "lognormal" else unit)
    negative = parse_quantity(raw.get("negative", 0.0), "")
    if not 0 <= negative <= 1:
        raise NumberError("negative is the share of numbers whose sign is turned, from 0 to 1")
    bounds = {key: parse_quantity(raw[key], unit) for key in ("low", "high") if key in raw}
    try:
        made: Distribution
        if kind == "normal":
            made = Normal(first, second, **bounds)
        else:
            made = Uniform(first, second) if kind == "uniform" else LogNormal(first, second)
    except DistributionError as error:
        raise NumberError(str(error)) from None
    return Number(raw, made, negative)


def _shown(raw: Any) -> str:
    if isinstance(raw, list | dict):
        return "a list" if isinstance(raw, list) else "a table"
    text = str(raw).lower() if isinstance(raw, bool) else f'"{raw}"' if isinstance(raw, str) else str(raw)
    return text if len(text) <= 60 else f"{text[:57]}..."
