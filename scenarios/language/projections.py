"""Projections of a scenario: who connects to whom, by which rule, how strongly, and when it arrives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from runen_ecs.connectivity import (
    Pairs,
    all_to_all,
    fixed_in_degree,
    fixed_out_degree,
    one_to_one,
    with_probability,
)
from runen_ecs.engine import Rows
from runen_ecs.errors import choices
from runen_ecs.network import ALL, Shape
from runen_ecs.systems.projection_layout import Projection as Laid

from ..network_schema import Capacity
from ..quantities import show_time, tick_of
from ..table import OrFalse, Table
from .tables import Columns
from .typed import LONGEST_DELAY, Delay, Selections, Weight, count_of, numbers_of

__all__ = ["Projection", "Rule"]

DEGREES: dict[str, Callable[..., Pairs]] = {"in_degree": fixed_in_degree, "out_degree": fixed_out_degree}
WORDS = ("all-to-all", "one-to-one")
TABLES = ("probability", *DEGREES, "pairs", "file")
MOST_DEGREE = 10_000_000
NEAR = 1e-6
COLUMNS = {"weight": "weight_mV", "delay": "delay_ms"}


@dataclass(frozen=True)
class Rule:
    """How pairs are chosen: a word, or one of probability, in_degree, out_degree, pairs, file.

    Attributes
    ----------
    kind : str
    value : object
        The probability, the degree, the pairs.
    """

    kind: str
    value: Any = None

    def written(self) -> Any:
        """Return it as a scenario has it."""
        return self.kind if self.kind in WORDS else {self.kind: self.value}

    def expected(self, n_sources: int, n_targets: int, share: float) -> float:
        """Return how many pairs it will choose, on average, if it may choose among a share of all."""
        match self.kind:
            case "one-to-one":
                return float(n_sources)
            case "in_degree":
                return float(self.value * n_targets)
            case "out_degree":
                return float(self.value * n_sources)
        return float((self.value if self.kind == "probability" else 1.0) * share * n_sources * n_targets)


def _rule(raw: Any) -> Rule:
    if isinstance(raw, str):
        if raw not in WORDS:
            known = [*WORDS, *(f"{{ {key} = … }}" for key in TABLES)]
            raise PydanticCustomError(
                "rule", "no rule is called '{name}'; {choices}", {"name": raw, "choices": choices(raw, known)}
            )
        return Rule(raw)
    if not isinstance(raw, dict) or len(raw) != 1 or next(iter(raw)) not in TABLES:
        problem = f'needs "{WORDS[0]}", "{WORDS[1]}", or a table with one of {", ".join(TABLES)}'
        raise PydanticCustomError("rule", "{problem}", {"problem": problem})
    ((kind, value),) = raw.items()
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "probability" and not (number and 0 <= value <= 1):
        raise PydanticCustomError("rule", "probability must be a number from 0 to 1", {})
    if kind in DEGREES and not (number and isinstance(value, int) and 0 <= value <= MOST_DEGREE):
        raise PydanticCustomError("rule", "{kind} must be a whole number from 0 on", {"kind": kind})
    if kind == "pairs" and not (isinstance(value, list) and value and all(map(_is_pair, value))):
        problem = "pairs must be a list of one [source, target] or more, counted from 0"
        raise PydanticCustomError("rule", "{problem}", {"problem": problem})
    if kind == "file" and not isinstance(value, str):
        raise PydanticCustomError("rule", 'file must be the path of a CSV file, such as "pairs.csv"', {})
    return Rule(kind, value)


def _is_pair(pair: Any) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**31 for n in pair)
    )


def _learning(name: Any, info: ValidationInfo) -> Any:
    known = (info.context or {}).get("learning")
    if isinstance(name, dict):
        problem = "needs the name of a rule, in quotes; the rule is a table of its own, [learning.NAME]"
        raise PydanticCustomError("learning", "{problem}", {"problem": problem})
    if isinstance(name, str) and known is not None and name not in known:
        words = {"name": name, "choices": choices(name, known)}
        raise PydanticCustomError("learning", "no learning rule is called '{name}'; {choices}", words)
    return name


class Projection(Table):
    """Synapses from some neurons to others."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    source: Selections = Field(alias="from", description="the presynaptic neurons")
    target: Selections = Field(alias="to", description="the postsynaptic neurons")
    rule: Annotated[
        Rule,
        BeforeValidator(_rule),
        PlainSerializer(lambda rule: rule.written()),
        WithJsonSchema(
            {
                "anyOf": [
                    {"enum": list(WORDS)},
                    {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": {"enum": list(TABLES)}},
                ]
            }
        ),
    ] = Field(description="which pairs are connected")
    column: Literal["same", "other"] | None = Field(
        default=None, description="only within cortical columns, or between"
    )
    self_connections: bool = Field(default=True, description="whether a neuron may synapse onto itself")
    repeats: bool = Field(default=False, description="whether a degree may choose one pair more than once")
    weight: Weight = Field(default=None, description="postsynaptic potential [mV]; left out where a file says it")
    delay: Delay = Field(default=None, description="a tick when left out")
    capacity: OrFalse[Capacity] = Field(default=None, description="no limit when false or left out")
    learning: Annotated[OrFalse[str], BeforeValidator(_learning)] = Field(
        default=None, description="name of a learning rule; none when false or left out"
    )
    _table: Columns = PrivateAttr(default_factory=Columns)

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> Projection:
        context = info.context or {}
        if self.rule.kind == "file":
            self._table = context.get("files", {}).get(self.rule.value, Columns())
            self._check_delays(tick_of(context))
        elif self.rule.kind == "pairs":
            pairs = np.array(self.rule.value, np.float64).reshape(-1, 2)
            self._table = Columns(source=pairs[:, 0], target=pairs[:, 1])
        if self.repeats and self.rule.kind not in DEGREES:
            words = {"degrees": " and ".join(DEGREES)}
            raise PydanticCustomError("projection", "repeats belongs to the rules {degrees}; leave it out", words)
        for key, given in (("weight", self.weight), ("delay", self.delay)):
            if COLUMNS[key] in self._table and given is not None:
                raise PydanticCustomError("projection", "the file says the {key}s; leave {key} out", {"key": key})
        if self.weight is None and "weight_mV" not in self._table and self.rule.kind != "file":
            raise PydanticCustomError("projection", "needs a weight, such as weight = 1.5", {})
        if "shapes" in context:
            self._check_sizes(context["shapes"])
        return self

    def sizes(self, shapes: Mapping[str, Shape]) -> tuple[int, int]:
        """Return how many sources and targets there are."""
        return count_of(self.source, shapes), count_of(self.target, shapes)

    def _check_delays(self, tick: Decimal) -> None:
        """Refuse delays of a file that no synapse can have."""
        ticks = self._table.get("delay_ms", np.ones(0)) / float(tick)
        wrong = (np.abs(ticks - np.rint(ticks)) > NEAR * ticks) | (ticks < 1 - NEAR) | (ticks > LONGEST_DELAY)
        for number in np.flatnonzero(wrong)[:1].tolist():
            words = {
                "file": self.rule.value,
                "pair": str(number),
                "delay": show_time(float(self._table["delay_ms"][number])),
                "tick": show_time(float(tick)),
                "longest": show_time(float(tick * LONGEST_DELAY)),
            }
            problem = (
                "{file}: pair {pair}, from 0: a delay is a multiple of the tick, from {tick} to {longest}, not {delay}"
            )
            raise PydanticCustomError("delay", problem, words)

    def _check_sizes(self, shapes: Mapping[str, Shape]) -> None:
        source, target = self.sizes(shapes)
        for name in dict.fromkeys(name for s in (*self.source, *self.target) for name in s.populations(shapes)):
            if self.column is not None and not shapes[name].columns:
                words = {"column": self.column, "name": name}
                problem = "column = '{column}' needs columns, and population '{name}' has none; leave it out"
                raise PydanticCustomError("projection", problem, words)
        if self.rule.kind in DEGREES and self.column is None:
            self._check_degree(source if self.rule.kind == "in_degree" else target, shapes)
        if self.rule.kind == "one-to-one" and source != target:
            words = {"source": f"{source:,}", "target": f"{target:,}"}
            raise PydanticCustomError(
                "projection", "one-to-one needs as many sources as targets, not {source} and {target}", words
            )
        for key, n in (("source", source), ("target", target)):
            if key in self._table and self._table[key].size and (largest := int(self._table[key].max())) >= n:
                words = {"key": key, "largest": str(largest), "n": f"{n:,}"}
                raise PydanticCustomError(
                    "projection", "there is no {key} {largest}; there are {n}, counted from 0", words
                )

    def _check_degree(self, n: int, shapes: Mapping[str, Shape]) -> None:
        """Refuse a degree that there are too few neurons for."""
        same = not self.self_connections and self.source == self.target
        available = n - int(same)
        if self.rule.value and (available < 1 or (self.rule.value > available and not self.repeats)):
            words = {"kind": self.rule.kind, "value": f"{self.rule.value:,}", "n": f"{available:,}"}
            words["advice"] = "" if available < 1 else "; lower it, or allow repeats = true"
            problem = "{kind} is {value}, and there are {n} to choose from{advice}"
            raise PydanticCustomError("projection", problem, words)
        both = {s.population for s in self.source}, {s.population for s in self.target}
        if not self.self_connections and not same and (both[0] & both[1] or {ALL} & (both[0] | both[1])):
            sources, targets = (numbers_of(s, shapes) for s in (self.source, self.target))
            if np.intersect1d(sources, targets).size and not np.array_equal(sources, targets):
                problem = "{kind} without self connections needs from and to the same, or with nothing in common"
                raise PydanticCustomError("projection", problem, {"kind": self.rule.kind})

    def expected(self, shapes: Mapping[str, Shape]) -> float:
        """Return how many synapses there will be, on average."""
        if self._table:
            return float(self._table["source"].size)
        columns = max((shape.columns for shape in shapes.values()), default=0) or 1
        share = {"same": 1 / columns, "other": 1 - 1 / columns}.get(self.column or "", 1.0)
        return self.rule.expected(*self.sizes(shapes), share)

    def pairs(self, sources: Rows, targets: Rows, seed: int, purpose: str) -> Pairs:
        """Return which of these neurons the rule connects: two arrays (n,) int32 of entities.

        Pairs of a neuron with itself may be among them, where a rule cannot leave them out by itself.

        Raises
        ------
        ConnectivityError
        """
        same, kind, value = np.array_equal(sources, targets), self.rule.kind, self.rule.value
        n, skip = (sources.size, targets.size), same and not self.self_connections
        if kind == "all-to-all":
            source, target = all_to_all(*n, skip_self=skip)
        elif kind == "one-to-one":
            source, target = one_to_one(*n)
        elif kind == "probability":
            source, target = with_probability(*n, value, seed, purpose, skip_self=skip)
        elif kind in DEGREES:
            source, target = DEGREES[kind](*n, value, seed, purpose, repeats=self.repeats, skip_self=skip)
        else:
            source, target = (self._table[key].astype(np.int32) for key in ("source", "target"))
        return sources[source], targets[target]

    def laid(self, name: str, seed: int, dt: float, learning: int | None) -> Laid:
        """Return it as `ProjectionLayout` takes it; ``learning`` is the number of its rule."""
        table = self._table

        def weights(n: int) -> NDArray[np.float64]:
            return (
                table["weight_mV"] if self.weight is None else self.weight.values(seed, f"projection/{name}/weight", n)
            )

        def delays(n: int) -> NDArray[np.int64]:
            if self.delay is not None:
                return self.delay.values(seed, f"projection/{name}/delay", n)
            return np.rint(table["delay_ms"] / dt).astype(np.int64) if "delay_ms" in table else np.ones(n, np.int64)

        return Laid(
            name,
            self.source,
            self.target,
            lambda sources, targets, purpose: self.pairs(sources, targets, seed, purpose),
            weights,
            delays,
            self.column or "",
            by_number=self.rule.kind in ("one-to-one", "pairs", "file"),
            by_target=self.rule.kind == "in_degree",
            self_connections=self.self_connections,
            learning=learning,
            capacity=(self.capacity.maximum, self.capacity.regeneration) if self.capacity is not None else None,
        )
