"""Populations of a scenario: how many neurons, of which model, with which parameters, and where they lie."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from keyword import iskeyword
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from runen_ecs.components import ActionPotential, LastSpike, SpikeSize, SynapticInput
from runen_ecs.distributions import LogNormal, Normal
from runen_ecs.engine import Batch, World
from runen_ecs.errors import ComponentError, choices
from runen_ecs.faults import Path
from runen_ecs.network import ALL, Shape, spike_trains
from runen_ecs.systems.population_layout import Population as Laid

from ..network_schema import Size
from ..quantities import Moment, tick_of
from ..table import Table
from .expressions import CONSTANTS, FUNCTIONS, ExpressionError
from .models import MODELS, Model
from .numbers import UNITS, Number, NumberError, parse_number

__all__ = ["Population", "batches_of", "laid", "population_faults", "shape_of"]

Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
SPIKE_TRAIN = "spike-train"
NEAR = 1e-6
LAST_TICK = 2**31 - 1
RESERVED = ("index", "size")  # names that expressions may use beside those of the population


class Population(Table):
    """Neurons of one model that have a name."""

    size: Count | None = Field(default=None, description="number of neurons; or say columns and layers")
    model: str = Field(description="one of: " + ", ".join(MODELS))
    preset: str | None = Field(default=None, description="a cell of the literature, such as 'regular spiking'")
    variables: dict[str, Any] = Field(default={}, description="numbers of one's own that expressions use")
    parameters: dict[str, Any] = Field(
        default={}, description="of the model, by its names; the rest by preset or default"
    )
    initial: dict[str, Any] = Field(default={}, description="where the variables of the model start")
    columns: Count | None = Field(default=None, description="number of cortical columns that the neurons form")
    layers: dict[str, Count] = Field(default={}, description="neurons in each layer of a column, in this order")
    spike_size: Size = Field(default=1.0, description="size of a spike as a signal, where a synapse has a capacity")
    times: list[list[Moment]] | None = Field(default=None, description="of a spike train: when each neuron fires")
    file: str | None = Field(default=None, description="the same, as CSV of neuron,time_ms")
    _trains: dict[int, list[float]] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _has_a_size(self) -> Population:
        if bool(self.layers) != (self.columns is not None):
            raise PydanticCustomError("population", "columns and layers go together; say both or neither", {})
        if bool(self.layers) == (self.size is not None):
            raise PydanticCustomError("population", "needs a size, or columns and layers; one of the two", {})
        return self

    @model_validator(mode="after")
    def _take_spikes(self, info: ValidationInfo) -> Population:
        n, tick = self.shape.size, float(tick_of(info.context))
        if self.times is not None:
            if len(self.times) != n:
                words = {"n": str(n), "given": str(len(self.times))}
                raise PydanticCustomError("train", "needs {n} lists of times, one a neuron, not {given}", words)
            self._trains = {number: train for number, train in enumerate(self.times) if train}
        elif (table := (info.context or {}).get("trains", {}).get(self.file)) is not None:
            if table["neuron"].size and table["neuron"].max() >= n:
                words = {"n": f"{n:,}", "number": f"{table['neuron'].max():g}"}
                raise PydanticCustomError("train", "there are {n} neurons, counted from 0, and no {number}", words)
            for number, time in zip(table["neuron"].tolist(), table["time_ms"].tolist(), strict=True):
                self._trains.setdefault(int(number), []).append(time)
        for number, train in self._trains.items():
            if problem := _train_problem(train, tick):
                words = {"number": str(number), "problem": problem}
                raise PydanticCustomError("train", "spike train {number}: {problem}", words)
        return self

    @property
    def trains(self) -> list[list[float]]:
        """When each neuron of a spike train fires [ms]."""
        return [self._trains.get(number, []) for number in range(self.shape.size)]

    @property
    def shape(self) -> Shape:
        """How many neurons there are, and how they lie."""
        return shape_of(self.size, self.columns, self.layers)


def shape_of(size: int | None, columns: int | None, layers: Mapping[str, int]) -> Shape:
    """Return the shape of so many neurons, or of so many columns of these layers."""
    return Shape(size or (columns or 0) * sum(layers.values()), columns or 0, layers)


def population_faults(name: str, raw: Mapping[str, Any], tick: float) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with the model of a population as a file has it, and where; types of tables aside.

    ``tick`` is the length of one [ms].
    """
    if name == ALL:
        yield (), f"{ALL!r} means every population; take another name"
    elif not name or re.search(r"[\s=]", name):
        yield (), "selections could not name it; a name is not empty, and has no spaces and no ="
    for layer in raw["layers"] if isinstance(raw.get("layers"), dict) else ():
        if not layer or re.search(r"[\s,]", layer):
            yield (
                ("layers", layer),
                "selections could not name it; a name is not empty, and has no spaces and no commas",
            )
    model = MODELS.get(raw["model"]) if isinstance(raw.get("model"), str) else None
    if model is None:
        if isinstance(raw.get("model"), str):
            yield ("model",), f"no model is called {raw['model']!r}; {choices(raw['model'], MODELS)}"
        return
    preset = raw.get("preset")
    if preset is not None and not isinstance(preset, str):
        return  # the schema says so
    if preset is not None and not model.presets:
        yield ("preset",), f"{model.name} has no presets; say parameters"
    elif preset is not None and preset not in model.presets:
        yield ("preset",), f"no preset is called {preset!r}; {choices(str(preset), model.presets)}"
    yield from _train_faults(model, raw)
    for table, known in (("parameters", _fields(model)), ("initial", [*model.variables]), ("variables", None)):
        given = raw.get(table, {})
        for key in given if isinstance(given, dict) else ():
            if known is not None and key not in known:
                yield (table, key), _unknown(model, table, key, known)
            elif known is None and key in (*_fields(model), *model.variables, *RESERVED, *CONSTANTS, *FUNCTIONS):
                yield (table, key), "is the name of something else already; take another"
            elif known is None and (not key.isidentifier() or iskeyword(key)):
                yield (
                    (table, key),
                    "is no name for expressions; take letters, digits and _, such as r or r_0",
                )
    yield from _number_faults(model, raw, tick)


def _train_faults(model: Model, raw: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    given = [key for key in ("times", "file") if raw.get(key) is not None]
    if model.name != SPIKE_TRAIN:
        for key in given:
            yield (key,), f"belongs to the model spike-train, and this is {model.name}"
    elif len(given) != 1:
        yield (), f"a spike-train needs one of times and file, not {' and '.join(given) or 'none'}"


def _number_faults(model: Model, raw: Mapping[str, Any], tick: float) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with single numbers, and with what expressions name."""
    numbers: dict[str, Number] = {}
    where: dict[str, Path] = {}
    for table in ("variables", "parameters", "initial"):
        given = raw.get(table, {})
        for key, value in given.items() if isinstance(given, dict) else ():
            where[key] = (table, key)
            try:
                unit = model.unit(key) if key in (*_fields(model), *model.variables) else ""
                numbers[key] = parse_number(value, unit)
                _check_limits(model, key, numbers[key])
                if table == "parameters" and (problem := _tick_problem(model, key, numbers[key], tick)):
                    yield (table, key), problem
            except NumberError as error:
                yield (table, key), str(error)
            except ComponentError as error:
                yield (table, key), error.problem.removeprefix(f"{key} ") + _advice(model, key, numbers[key])
    known = list(dict.fromkeys([*_fields(model), *model.variables, *where, *RESERVED]))
    for key, number in numbers.items():
        for name in sorted(number.names - set(known)):
            unit = model.unit(key) if key in (*_fields(model), *model.variables) else ""
            advice = f'; a unit follows its number: "20 {name}"' if name in UNITS.get(unit, ()) else ""
            yield where[key], f"no number is called {name!r} here; {choices(name, known)}{advice}"
    starts = {key: parse_number(variable.start) for key, variable in model.variables.items()}
    try:
        _order(model, starts | numbers)
    except CycleError as error:
        circle = [name for name in error.args[1] if name in where]
        yield where[circle[0]] if circle else (), f"is worked out from itself: {' from '.join(error.args[1])}"


def _check_limits(model: Model, key: str, number: Number) -> None:
    """Refuse what the component would refuse, where one can tell without drawing."""
    if model.parameters is not None and key in model.parameters.fields:
        for extreme in number.extremes:
            if abs(extreme) < float("inf"):
                model.parameters.fields[key].check(extreme)


def _advice(model: Model, key: str, number: Number) -> str:
    """Say how to keep a normal draw within the limits of a parameter."""
    if model.parameters is None or not isinstance(number.source, Normal) or number.negative:
        return ""
    low, high = model.parameters.fields[key].low, model.parameters.fields[key].high
    bounds = [f"{name} = {bound:g}" for name, bound in (("low", low), ("high", high)) if abs(bound) < float("inf")]
    return f"; cut the draws off with {' and '.join(bounds)}"


def _unknown(model: Model, table: str, key: str, known: list[str]) -> str:
    """Say that a model has no parameter or variable of a name, and where it would be right."""
    what, other, elsewhere = ("parameter", "initial", [*model.variables])
    if table == "initial":
        what, other, elsewhere = "variable", "parameters", _fields(model)
    advice = f"it belongs under {other}" if key in elsewhere else choices(key, known)
    return f"{model.name} has no {what} {key!r}; {advice}"


def _tick_problem(model: Model, key: str, number: Number, tick: float) -> str | None:
    """Say what is wrong with a number that depends on the length of a tick [ms], if one can tell without drawing."""
    low, high = number.extremes
    if not abs(high) / tick < LAST_TICK:
        return None  # nobody can tell
    if key == "refractory" and (low != high or abs(high / tick - round(high / tick)) > NEAR):
        return f"must be a multiple of the tick, {tick:g} ms, the same for all or by an expression"
    tailed = isinstance(number.source, Normal | LogNormal)  # its rarest draws may be what a tick has no room for
    if model.name == "poisson" and key == "rate" and high > 1000 / tick and not tailed:
        return f"a tick of {tick:g} ms has room for one spike: at most {1000 / tick:g} Hz, not {high:g}"
    return None


def _fields(model: Model) -> list[str]:
    return list(model.parameters.fields) if model.parameters is not None else []


def _order(model: Model, numbers: Mapping[str, Number]) -> list[str]:
    """Return the names of all numbers, so that what others are worked out from comes first."""
    needs = {
        name: set(number.names & (numbers.keys() | {*_fields(model), *model.variables}))
        for name, number in numbers.items()
    }
    return list(TopologicalSorter(needs).static_order())


def batches_of(name: str, population: Population, seed: int) -> list[Batch]:
    """Return the components of the neurons of a population; each number is a function of seed, names and place alone.

    Raises
    ------
    ExpressionError
        If a number that was drawn or worked out is none that a neuron can have.
    """
    model, n = MODELS[population.model], population.shape.size
    values: dict[str, NDArray[np.float64]] = {"index": np.arange(n, dtype=np.float64), "size": np.full(n, float(n))}
    numbers = _numbers(model, population)
    for key in _order(model, numbers):
        try:
            values[key] = numbers[key].values(seed, f"population/{name}/{key}", n, values)
            if model.parameters is not None and key in model.parameters.fields:
                model.parameters.fields[key].check(values[key])
        except (ExpressionError, ComponentError) as error:
            problem = error.problem if isinstance(error, ComponentError) else f"{key} = {error}"
            raise ExpressionError(f"populations.{name}: {problem}") from None
    batches: dict[Any, dict[str, Any]] = {ActionPotential: {}, LastSpike: {}}
    if model.driven:
        batches[SynapticInput] = {}
    if model.parameters is not None:
        batches[model.parameters] = {key: values[key] for key in _fields(model)}
    for key, variable in model.variables.items():
        batches.setdefault(variable.component, {})[variable.field] = values[key]
    if population.spike_size != 1.0:
        batches[SpikeSize] = {"value": population.spike_size}
    return [component.batch(**given) for component, given in batches.items()]


def _numbers(model: Model, population: Population) -> dict[str, Number]:
    """Return all numbers of a population: defaults, preset, and what it says itself."""
    preset = model.presets.get(population.preset) if population.preset is not None else None
    given: dict[str, Any] = (
        {key: field.default for key, field in model.parameters.fields.items()} if model.parameters else {}
    )
    given |= {key: getattr(preset, key) for key in _fields(model)} if preset is not None else {}
    given |= {key: variable.start for key, variable in model.variables.items()}
    given |= {**population.variables, **population.parameters, **population.initial}
    return {
        key: parse_number(value, model.unit(key) if key in (*_fields(model), *model.variables) else "")
        for key, value in given.items()
    }


def _train_problem(train: list[float], dt: float) -> str | None:
    """Say what is wrong with the times of a spike train [ms], if anything is."""
    ticks = [time / dt for time in train]
    if max(ticks, default=0.0) > LAST_TICK:
        return f"{max(train):g} ms is more than {LAST_TICK} ticks of {dt:g} ms"
    for time, tick in zip(train, ticks, strict=True):
        if abs(tick - round(tick)) > 1e-9 * max(tick, 1.0):
            return f"{time:g} ms is no multiple of the tick, {dt:g} ms"
        if round(tick) < 1:
            return f"nobody can fire at {time:g} ms; the first spike may be that of the first tick, at {dt:g} ms"
    whole = sorted(round(tick) for tick in ticks)
    twice = [tick for tick, after in pairwise(whole) if tick == after]
    return f"two spikes at {twice[0] * dt:g} ms; a tick has room for one" if twice else None


def laid(name: str, population: Population, seed: int) -> Laid:
    """Return a population as `PopulationLayout` takes it."""

    def batches(world: World) -> list[Batch]:
        given = [spike_trains(world, population.trains)] if population.model == SPIKE_TRAIN else []
        return [*batches_of(name, population, seed), *given]

    return Laid(name, population.shape, batches)
