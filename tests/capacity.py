"""A component for tests, and a world with some rows of it."""

from __future__ import annotations

import pytest

from runen_ecs.engine import (
    Component,
    Flag,
    Float,
    Int,
    Kind,
    Reference,
    Short,
    World,
    field,
    reference,
)

CELL = Kind("cell")


PIPE = Kind("pipe", ("pipe", "valve"))


VALVE = Kind("valve", ("pipe", "valve"))


CHOICES = "choices: level, maximum, hits, ticks, spent"


class Capacity(Component, kind=CELL):
    """One field of each type, with and without a unit and limits."""

    level: Float = field(default=1.0, unit="signal", low=0.0)
    maximum: Float = field(default=1.0, unit="signal", low=0.0, high=2.5)
    hits: Int = field(default=0)
    ticks: Short = field(default=1, unit="tick", low=1, high=4095)
    spent: Flag = field(default=False)


class Lesion(Component, kind=CELL):
    """A tag: no fields."""


class Inlet(Component, kind=PIPE):
    """Where a pipe comes from."""

    cell: Reference = reference(CELL, cascade=False)


class Opening(Component, kind=VALVE):
    """How far a valve is open."""

    share: Float = field(default=0.5)


@pytest.fixture
def world() -> World:
    world = World()
    world.create_entities(3, Capacity.batch(level=[0.25, 0.5, 0.75]))
    return world
