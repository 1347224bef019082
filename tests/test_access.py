"""Declared access is enforced: what is declared as Read cannot be written, compiled or not, and docstrings tell it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from numba.core.errors import NumbaError

import runen_ecs.systems
from runen_ecs.engine import (
    Add,
    Clock,
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
from runen_ecs.errors import AccessError, ComponentError, FieldError, RunenError

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


# -- good systems -------------------------------------------------------------------------------------------------


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


# -- kernels that write what their system reads -------------------------------------------------------------------


@kernel
def overwrite(tick: int, level: Floats, charge: Floats, heat: Floats) -> None:
    for i in range(heat.size):
        charge[i] = level[i] + heat[i]


@kernel
def increase(tick: int, level: Floats, charge: Floats, heat: Floats) -> None:
    for i in range(heat.size):
        charge[i] += level[i] + heat[i]


@kernel
def clear(array: Floats) -> None:
    array[:] = 0.0


@kernel
def overwrite_through_another(tick: int, level: Floats, charge: Floats, heat: Floats) -> None:
    clear(charge)


@kernel
def fill(tick: int, level: Floats, charge: Floats, heat: Floats) -> None:
    charge.fill(0.0)


class _Compiled(System):
    level: Read[Level]
    charge: Read[Charge]
    heat: Write[Heat]

    def arguments(self):
        return self.level.value, self.charge.value, self.heat.value


class OverwritingKernel(_Compiled):
    kernel = overwrite


class IncreasingKernel(_Compiled):
    kernel = increase


class IndirectKernel(_Compiled):
    kernel = overwrite_through_another


class FillingKernel(_Compiled):
    kernel = fill


# -- Python systems that write what they read ---------------------------------------------------------------------


class _Python(System):
    level: Read[Level]
    charge: Read[Charge]
    heat: Write[Heat]


class WritingASlice(_Python):
    def run(self) -> None:
        self.charge.value[:] = 0.0


class WritingAnItem(_Python):
    def run(self) -> None:
        self.charge.value[0] = 0.0


class IncreasingItems(_Python):
    def run(self) -> None:
        self.charge.value[[0, 1, 2]] += self.level.value


class IncreasingTheArray(_Python):
    def run(self) -> None:
        charge = self.charge.value
        charge += self.level.value


class IncreasingTheAttribute(_Python):
    def run(self) -> None:
        self.charge.value += self.level.value


class WritingThroughAName(_Python):
    def run(self) -> None:
        charge = self.charge.value
        charge[0] = self.level.value[0]


class WritingOnSeveralLines(_Python):
    def run(self) -> None:
        self.charge.value[[0, 1, 2]] = np.clip(
            self.level.value,
            0.0,
            1.0,
        )


class WritingTwoThings(_Python):
    def run(self) -> None:
        self.heat.value[0], self.charge.value[0] = 1.0, 1.0


class WritingThroughAMethod(_Python):
    def run(self) -> None:
        self.charge.value.fill(0.0)


class WritingThroughNumPy(_Python):
    def run(self) -> None:
        np.add(self.level.value, 1.0, out=self.charge.value)


COMPILED = [OverwritingKernel, IncreasingKernel, IndirectKernel, FillingKernel]
PYTHON = [
    WritingASlice,
    WritingAnItem,
    IncreasingItems,
    IncreasingTheArray,
    IncreasingTheAttribute,
    WritingThroughAName,
    WritingOnSeveralLines,
    WritingTwoThings,
    WritingThroughAMethod,
    WritingThroughNumPy,
]
ways = pytest.mark.parametrize("stepped", [True, False], ids=["stepped", "native"])


@ways
@pytest.mark.parametrize("system", [*COMPILED, *PYTHON])
def test_writing_what_is_read_fails_at_the_first_tick(world, system, stepped):
    """Whoever writes what it declares as Read is named with the component and the line that would allow it."""
    with pytest.raises(AccessError) as caught:
        run(world, system(), stepped)
    error = caught.value
    expected = (
        f"{system.__name__} writes Charge, which it declares as Read; "
        "declare `charge: Write[Charge]`, or leave the array as it is"
    )

    assert expected == str(error)
    assert (system.__name__, "Charge", "charge") == (error.system, error.component, error.attribute)
    assert world.tick <= 1


@ways
@pytest.mark.parametrize("system", [*COMPILED, *PYTHON])
def test_nothing_is_written_that_is_read(world, system, stepped):
    """The write that fails has changed nothing."""
    with pytest.raises(AccessError):
        run(world, system(), stepped)
    expected = ([1.0] * 3, [2.0] * 3)

    assert expected == tuple(world.storage(c).arrays.value.tolist() for c in (Level, Charge))


@pytest.mark.parametrize("system", [WritingASlice, IncreasingTheArray])
def test_start_up_system_is_held_to_its_declaration(world, system):
    """A start-up system that writes what it reads is named like one that does it in a tick."""
    dispatcher = DispatcherBuilder().add_start_up(system(), "suspect").build(world)
    with pytest.raises(AccessError, match=rf"^{system.__name__} writes Charge, "):
        dispatcher.start()


def test_access_error_is_of_the_project_and_builtin():
    """An AccessError can be caught as the project's or as a PermissionError."""
    assert issubclass(AccessError, RunenError)
    assert issubclass(AccessError, PermissionError)


@pytest.mark.parametrize("tests", ["fails_at_the_first_tick", "nothing_is_written"])
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="runs the uncompiled half of itself")
def test_uncompiled_kernels_are_held_to_their_declarations(tests):
    """Without a compiler the same systems fail in the same way: the declaration, not numba, is the rule."""
    options = ["-p", "no:cacheprovider", "-k", f"{tests} and Kernel"]
    finished = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", *options, __file__],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert finished.returncode == 0, finished.stdout
    assert f"{2 * len(COMPILED)} passed" in finished.stdout


# -- other faults are not mistaken for it -------------------------------------------------------------------------


@kernel
def misuse(tick: int, level: Floats, charge: Floats, heat: Floats) -> None:
    heat[0] = level.no_such_method()


class Misusing(_Compiled):
    kernel = misuse


class WritingItsOwn(_Python):
    def run(self) -> None:
        OWN[0] = self.level.value[0]


class WritingItsOwnWithoutReading(System):
    heat: Write[Heat]

    def run(self) -> None:
        OWN[0] = 1.0


@ways
@pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="fails in the compiler")
def test_kernel_that_does_not_compile_is_not_blamed_for_writing(world, stepped):
    """A kernel with a mistake of another sort fails with numba's own message, though it reads read-only arrays."""
    with pytest.raises(NumbaError, match="no_such_method"):
        run(world, Misusing(), stepped)


@ways
@pytest.mark.parametrize("system", [WritingItsOwn, WritingItsOwnWithoutReading])
def test_read_only_array_of_its_own_is_not_blamed_on_a_component(world, system, stepped):
    """NumPy's error about an array that is no component's comes through as it is."""
    with pytest.raises(ValueError, match="read-only") as caught:
        run(world, system(), stepped)

    assert not isinstance(caught.value, AccessError)


class Replacing(System):
    heat: Write[Heat]

    def run(self) -> None:
        self.heat.value = np.zeros(3)


class Misspelling(System):
    heat: Write[Heat]

    def run(self) -> None:
        self.heat.vaule[:] = 0.0


@ways
def test_array_is_not_replaced(world, stepped):
    """A system writes into its array; another array in its place would be seen by nobody."""
    with pytest.raises(ComponentError) as caught:
        run(world, Replacing(), stepped)
    expected = "Heat: an array is written in place: `value[:] = …`, never replaced by `value = …`"

    assert expected == str(caught.value)


@ways
def test_misspelt_array_in_a_system(world, stepped):
    """A system that asks for a field that is not there is told the nearest one."""
    with pytest.raises(FieldError) as caught:
        run(world, Misspelling(), stepped)
    expected = "Heat has no field 'vaule'; did you mean 'value'? choices: value"

    assert expected == str(caught.value)


# -- what the arrays allow ----------------------------------------------------------------------------------------


class Looking(System):
    """Keeps which of its arrays it may write."""

    level: Read[Level]
    charge: Write[Charge]
    heat: Add[Heat]
    clock: Read[Clock]

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[bool, ...]] = []

    def run(self) -> None:
        arrays = self.level.value, self.charge.value, self.heat.value
        self.seen.append(tuple(array.flags.writeable for array in arrays))


class LookingAtAll(Looking):
    whole = True


@ways
@pytest.mark.parametrize("scattered", [False, True])
@pytest.mark.parametrize("system", [Looking, LookingAtAll])
def test_read_arrays_are_not_writeable(world, system, scattered, stepped):
    """Read hands out read-only arrays, Write and Add writeable ones, whole or in stretches of the join."""
    if scattered:
        world.remove(2, Level)
    looking = system()
    DispatcherBuilder().add(looking, "looking").build(world).run(1, stepped=stepped)

    assert {(False, True, True)} == set(looking.seen)


@ways
def test_storage_stays_writeable(world, stepped):
    """Read-only is the system's view of an array, never the array itself."""
    DispatcherBuilder().add(Looking(), "looking").build(world).run(1, stepped=stepped)
    world.storage(Level).arrays.value[:] = 5.0
    world.component(1, Level).value = 6.0
    expected = [6.0, 5.0, 5.0]

    assert expected == world.storage(Level).arrays.value.tolist()


def test_access_is_declared_in_the_order_of_the_lines():
    """The accesses of a system are its annotated lines, those of its bases first."""
    expected = ["level reads Level", "charge writes Charge", "heat adds Heat", "clock reads Clock"]

    assert expected == [f"{a.attribute} {a.mode} {a.target.__name__}" for a in LookingAtAll.accesses]


def test_access_before_a_world():
    """A system that is in no world has no arrays yet."""
    with pytest.raises(AttributeError):
        _ = Looking().level


def test_access_to_what_is_no_component_and_no_resource():
    """Access can be declared to components and resources; anything else is refused, naming system and attribute."""

    def declare() -> None:
        class Odd(System):
            number: Read[int]

        DispatcherBuilder().add(Odd(), "odd").build(World())

    with pytest.raises(RunenError, match=r"\bOdd\b.*\bnumber\b"):
        declare()


@pytest.mark.parametrize("name", runen_ecs.systems.__all__)
def test_docstring_lists_the_declared_access(name):
    """The Reads, Writes and Adds of a docstring are the declared ones, in their order."""
    system = getattr(runen_ecs.systems, name)
    text = " ".join(system.__doc__.split())
    told = {mode.lower(): names.split(", ") for mode, names in re.findall(r"\b(Reads|Writes|Adds): ([\w, ]+)\.", text)}
    expected: dict[str, list[str]] = {}
    for access in system.accesses:
        expected.setdefault(access.mode, []).append(access.target.__name__)

    assert expected == told


@pytest.mark.parametrize("name", runen_ecs.systems.__all__)
def test_docstring_begins_with_what_happens(name):
    """The first line of a system is one sentence."""
    first = getattr(runen_ecs.systems, name).__doc__.splitlines()[0]

    assert re.fullmatch(r"[A-Z].*\.", first)
