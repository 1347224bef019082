"""A catalogue of systems of one line."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest

from runen_ecs.engine import (
    Add,
    Component,
    Float,
    Kind,
    Read,
    Resource,
    System,
    Write,
    field,
)
from runen_ecs.engine.schedule import Entry, Plan, make_plan

CELL = Kind("cell")


class Level(Component, kind=CELL):
    value: Float = field(default=0.0)


class Charge(Component, kind=CELL):
    value: Float = field(default=0.0)


class Weather(Resource):
    pass


class TouchNothing(System):
    pass


class ReadLevel(System):
    level: Read[Level]


class WriteLevel(System):
    level: Write[Level]


class AddLevel(System):
    level: Add[Level]


class ReadCharge(System):
    charge: Read[Charge]


class WriteCharge(System):
    charge: Write[Charge]


class AddCharge(System):
    charge: Add[Charge]


class ReadLevelWriteCharge(System):
    level: Read[Level]
    charge: Write[Charge]


class AddBoth(System):
    level: Add[Level]
    charge: Add[Charge]


class ReadWeather(System):
    weather: Read[Weather]


class WriteWeather(System):
    weather: Write[Weather]


class AddWeather(System):
    weather: Add[Weather]


CATALOGUE = [
    TouchNothing,
    ReadLevel,
    WriteLevel,
    AddLevel,
    ReadCharge,
    WriteCharge,
    AddCharge,
    ReadLevelWriteCharge,
    AddBoth,
    ReadWeather,
    WriteWeather,
    AddWeather,
]


# Every pair of the catalogue that cannot run in either order with the same result, and what they conflict on.
CONFLICTS = {
    (ReadLevel, WriteLevel): Level,
    (ReadLevel, AddLevel): Level,
    (ReadLevel, AddBoth): Level,
    (WriteLevel, WriteLevel): Level,
    (WriteLevel, AddLevel): Level,
    (WriteLevel, ReadLevelWriteCharge): Level,
    (WriteLevel, AddBoth): Level,
    (AddLevel, ReadLevelWriteCharge): Level,
    (ReadCharge, WriteCharge): Charge,
    (ReadCharge, AddCharge): Charge,
    (ReadCharge, ReadLevelWriteCharge): Charge,
    (ReadCharge, AddBoth): Charge,
    (WriteCharge, WriteCharge): Charge,
    (WriteCharge, AddCharge): Charge,
    (WriteCharge, ReadLevelWriteCharge): Charge,
    (WriteCharge, AddBoth): Charge,
    (AddCharge, ReadLevelWriteCharge): Charge,
    (ReadLevelWriteCharge, ReadLevelWriteCharge): Charge,
    (ReadLevelWriteCharge, AddBoth): Level,
    (ReadWeather, WriteWeather): Weather,
    (ReadWeather, AddWeather): Weather,
    (WriteWeather, WriteWeather): Weather,
    (WriteWeather, AddWeather): Weather,
}


PAIRS = [
    pytest.param(a, b, CONFLICTS.get((a, b)), id=f"{a.__name__}-{b.__name__}")
    for a, b in combinations_with_replacement(CATALOGUE, 2)
]


def plan_of(*entries: tuple[type[System], str] | tuple[type[System], str, list[str]]) -> Plan:
    """Plan systems given as (class, name) or (class, name, after)."""
    return make_plan(Entry(name, system(), tuple(*after)) for system, name, *after in entries)
