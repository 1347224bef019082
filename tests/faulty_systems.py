"""Components and systems for tests of declared access."""

from __future__ import annotations

import numpy as np
import pytest

from runen_ecs.engine import (
    Component,
    DispatcherBuilder,
    Float,
    Floats,
    Kind,
    Read,
    System,
    World,
    Write,
    field,
    kernel,
)

CELL = Kind("cell")


OWN = np.zeros(3)


OWN.flags.writeable = False


class Level(Component, kind=CELL):
    value: Float = field(default=1.0)


class Charge(Component, kind=CELL):
    value: Float = field(default=2.0)


class Heat(Component, kind=CELL):
    value: Float = field(default=3.0)


@pytest.fixture
def world() -> World:
    world = World()
    world.create_entities(3, Level.batch(), Charge.batch(), Heat.batch())
    return world


def run(world: World, system: System, stepped: bool) -> None:
    """Run two ticks of a plan in which a good system runs before and after."""
    builder = DispatcherBuilder().add(Warming(), "warming")
    builder.add(system, "suspect", after=["warming"]).add(Cooling(), "cooling", after=["suspect"])
    builder.build(world).run(2, stepped=stepped)


@kernel
def warm(tick: int, level: Floats, heat: Floats) -> None:
    for i in range(heat.size):
        heat[i] += level[i]


class Warming(System):
    level: Read[Level]
    heat: Write[Heat]

    kernel = warm

    def arguments(self):
        return self.level.value, self.heat.value


class Cooling(System):
    charge: Read[Charge]
    heat: Write[Heat]

    def run(self) -> None:
        self.heat.value[:] -= self.charge.value


class _Compiled(System):
    level: Read[Level]
    charge: Read[Charge]
    heat: Write[Heat]

    def arguments(self):
        return self.level.value, self.charge.value, self.heat.value


class _Python(System):
    level: Read[Level]
    charge: Read[Charge]
    heat: Write[Heat]


ways = pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])
