"""What is not mistaken for a broken declaration, and what arrays allow."""

from __future__ import annotations

import re

import numba
import numpy as np
import pytest
from faulty_systems import OWN, Charge, Heat, Level, _Compiled, _Python, run, ways, world  # noqa: F401

import runen_ecs.systems
from runen_ecs.engine import (
    Add,
    Clock,
    DispatcherBuilder,
    Floats,
    Read,
    System,
    World,
    Write,
    kernel,
)
from runen_ecs.errors import AccessError, ComponentError, FieldError, KernelError, RunenError

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
    """A kernel with a mistake of another sort is named, with its line and numba's words."""
    with pytest.raises(KernelError, match="no_such_method"):
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
