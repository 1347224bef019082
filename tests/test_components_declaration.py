"""Declaring components, and what is said of wrong names and values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from capacity import CELL, CHOICES, Capacity, Lesion, world  # noqa: F401

from runen_ecs.engine import (
    Component,
    Float,
    Int,
    World,
    field,
)
from runen_ecs.errors import ComponentError, EntityError, FieldError, RunenError

# -- declaration --------------------------------------------------------------------------------------------------


def test_declaration_keeps_the_order_of_the_fields():
    """The fields of a component are the declared ones, in the order of their lines."""
    actual = list(Capacity.fields)
    expected = ["level", "maximum", "hits", "ticks", "spent"]

    assert expected == actual


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("level", "float64"), ("hits", "int32"), ("ticks", "uint16"), ("spent", "bool")],
)
def test_type_of_a_field_is_the_dtype_of_its_array(world, name, dtype):
    """The annotation alone decides the dtype of an array."""
    actual = world.storage(Capacity).array[name].dtype

    assert np.dtype(dtype) == actual


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (Capacity.level, "Capacity.level: float64 = 1.0 [signal]"),
        (Capacity.hits, "Capacity.hits: int32 = 0"),
        (Capacity.ticks, "Capacity.ticks: uint16 = 1 [tick]"),
        (Capacity.spent, "Capacity.spent: bool = False"),
    ],
)
def test_field_shows_type_default_and_unit(declared, expected):
    """The repr of a field is its line of a table of parameters: name, type, default, unit."""
    assert expected == repr(declared)


def test_component_without_fields_is_a_tag():
    """A component may have no fields; an entity has it or not."""
    world = World()
    bare, marked = world.create_entity(Capacity()), world.create_entity(Capacity(), Lesion())
    expected = ("Lesion()", [False, True])

    assert expected == (repr(world.component(marked, Lesion)), world.storage(Lesion).mask.tolist())
    with pytest.raises(EntityError):
        world.component(bare, Lesion)


def test_field_without_a_type_is_refused():
    """A field needs one of the types that have a dtype; the message shows the line to type."""
    with pytest.raises(ComponentError) as caught:

        class Untyped(Component, kind=CELL):
            level = field(default=1.0)

    expected = "Untyped: level needs a type: `level: Float = field(default=…)`"

    assert expected == str(caught.value)


def test_field_of_a_plain_type_is_refused():
    """`float` is no type of a field, for it does not say which dtype the array has."""
    with pytest.raises(ComponentError) as caught:

        class Plain(Component, kind=CELL):
            level: float = field(default=1.0)

    expected = "Plain: level needs a type: `level: Float = field(default=…)`"

    assert expected == str(caught.value)


def test_field_without_a_default_is_refused():
    """Every field has a default, so that a row that says nothing is complete."""
    with pytest.raises(ComponentError) as caught:

        class Bare(Component, kind=CELL):
            level: Float

    expected = "Bare: level needs a default: `level: … = field(default=…)`"

    assert expected == str(caught.value)


def test_default_of_a_wrong_type_is_refused():
    """A default is checked like any value, where it is declared."""
    with pytest.raises(ComponentError, match=r"hits takes int32, not 1\.5"):

        class Fractional(Component, kind=CELL):
            hits: Int = field(default=1.5)


def test_default_outside_its_limits_is_refused():
    """A default lies within the limits that are declared in the same line."""
    with pytest.raises(ComponentError, match=r"level must lie in .* 1, not 5"):

        class Excessive(Component, kind=CELL):
            level: Float = field(default=5.0, high=1.0)


def test_default_has_the_type_of_its_field():
    """A Float declared with the default 1 is 1.0 on an instance as it is in the array."""

    class Whole(Component, kind=CELL):
        level: Float = field(default=1)

    actual = Whole().level
    expected = "1.0"

    assert expected == repr(actual)


# -- wrong names --------------------------------------------------------------------------------------------------


def view_of_first(world: World) -> Capacity:
    return world.component(1, Capacity)


@pytest.mark.parametrize(
    "misspell",
    [
        pytest.param(lambda world: Capacity(levle=0.5), id="constructor"),
        pytest.param(lambda world: Capacity.batch(levle=0.5), id="batch"),
        pytest.param(lambda world: Capacity().levle, id="reading an instance"),
        pytest.param(lambda world: setattr(Capacity(), "levle", 0.5), id="writing an instance"),
        pytest.param(lambda world: view_of_first(world).levle, id="reading a view"),
        pytest.param(lambda world: setattr(view_of_first(world), "levle", 0.5), id="writing a view"),
        pytest.param(lambda world: world.storage(Capacity).arrays.levle, id="reading an array"),
    ],
)
def test_misspelt_field_is_answered_with_the_nearest_name(world, misspell):
    """Wherever a field is named wrongly, one message names component, field, the nearest name and all choices."""
    with pytest.raises(FieldError) as caught:
        misspell(world)

    error = caught.value
    expected = (f"Capacity has no field 'levle'; did you mean 'level'? {CHOICES}", "Capacity", "levle")

    assert expected == (str(error), error.component, error.field)


def test_name_near_to_nothing_gets_the_choices_alone():
    """No nearest name is made up where none is near."""
    with pytest.raises(FieldError) as caught:
        Capacity(x=0.5)

    assert f"Capacity has no field 'x'; {CHOICES}" == str(caught.value)


def test_tag_has_no_choices():
    """A component without fields says that there are none."""
    with pytest.raises(FieldError) as caught:
        Lesion(level=0.5)
    expected = "Lesion has no field 'level'; choices: none"

    assert expected == str(caught.value)


def test_errors_are_of_the_project_and_builtin():
    """Whoever catches the builtin error catches ours: a wrong name is an AttributeError, a wrong value a TypeError."""
    pairs = ((FieldError, AttributeError), (ComponentError, TypeError), (EntityError, KeyError))

    assert all(issubclass(ours, RunenError) and issubclass(ours, builtin) for ours, builtin in pairs)
    assert not hasattr(Capacity(), "levle")


# -- wrong values -------------------------------------------------------------------------------------------------


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"level": "high"}, "level takes float64, not 'high'"),
    ({"level": None}, "level takes float64, not None"),
    ({"level": True}, "level takes float64, not True"),
    ({"level": 1j}, "level takes float64, not 1j"),
    ({"hits": 1.0}, "hits takes int32, not 1.0"),
    ({"hits": "1"}, "hits takes int32, not '1'"),
    ({"ticks": 2.5}, "ticks takes uint16, not 2.5"),
    ({"spent": 1}, "spent takes bool, not 1"),
    ({"level": -0.5}, "level must lie in 0 … inf signal, not -0.5"),
    ({"maximum": 2.75}, "maximum must lie in 0 … 2.5 signal, not 2.75"),
    ({"ticks": 0}, "ticks must lie in 1 … 4095 tick, not 0"),
    ({"ticks": 4096}, "ticks must lie in 1 … 4095 tick, not 4096"),
    ({"ticks": -1}, "ticks must lie in 1 … 4095 tick, not -1"),
    ({"hits": 2**31}, "hits must lie in -2147483648 … 2147483647, not 2147483648"),
]


@pytest.mark.parametrize(("values", "problem"), WRONG)
def test_wrong_value_in_the_constructor(values, problem):
    """A value of a wrong type or outside its limits is refused with component, field, what it takes and what came."""
    with pytest.raises(ComponentError) as caught:
        Capacity(**values)

    assert f"Capacity: {problem}" == str(caught.value)
    assert ("Capacity", problem) == (caught.value.component, caught.value.problem)


@pytest.mark.parametrize(("values", "problem"), WRONG)
def test_wrong_value_through_a_view(world, values, problem):
    """A view refuses what the constructor refuses, and leaves the array as it is."""
    view, before = world.component(2, Capacity), repr(world.component(2, Capacity))
    (name, value) = next(iter(values.items()))

    with pytest.raises(ComponentError) as caught:
        setattr(view, name, value)

    assert f"Capacity: {problem}" == str(caught.value)
    assert before == repr(view)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"level": ["a", "b"]}, "level takes float64, not an array of <U1"),
        ({"hits": [0.5, 1.0]}, "hits takes int32, not an array of float64"),
        ({"spent": np.zeros(2)}, "spent takes bool, not an array of float64"),
        ({"level": [0.5, -1.0]}, "level must lie in 0 … inf signal, not -1.0"),
        ({"ticks": [1, 5000, 2]}, "ticks must lie in 1 … 4095 tick, not 5000"),
        ({"maximum": [np.nan, 99.0]}, "maximum must lie in 0 … 2.5 signal, not 99.0"),
    ],
)
def test_wrong_value_in_a_batch(values, problem):
    """One wrong value among many refuses the batch, and is the one that the message names."""
    with pytest.raises(ComponentError) as caught:
        Capacity.batch(**values)

    assert f"Capacity: {problem}" == str(caught.value)


@pytest.mark.parametrize("value", [[1.0, 2.0], np.zeros(2), []])
def test_several_values_for_one_row_are_refused(world, value):
    """An instance and a view hold one value a field; a list of them gets a message that names component and field."""
    with pytest.raises(ComponentError, match=r"^Capacity: level takes "):
        Capacity(level=value)
    with pytest.raises(ComponentError, match=r"^Capacity: level takes "):
        world.component(1, Capacity).level = value


@pytest.mark.parametrize("value", [2, np.float32(2.0), np.float64(2.0), np.int64(2), np.uint8(2), np.array(2.0)])
def test_any_real_number_is_a_float(value):
    """A Float takes every real number, NumPy's included, and gives a Python float back."""
    capacity = Capacity(level=value)
    expected = "2.0"

    assert expected == repr(capacity.level)


@pytest.mark.parametrize("value", [7, np.int64(7), np.uint8(7)])
def test_any_whole_number_is_an_int(value):
    """An Int takes every whole number, NumPy's included, and gives a Python int back."""
    capacity = Capacity(hits=value)
    expected = "7"

    assert expected == repr(capacity.hits)
