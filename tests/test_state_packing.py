"""Python's values and arrays come back from a state with all their types and bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from state_worlds import through_json

from runen_ecs.engine.packing import pack, unpack
from runen_ecs.engine.state import State

numbers = st.integers() | st.floats() | st.booleans() | st.none() | st.text()
keys = st.text() | st.integers()


@given(
    st.recursive(
        numbers | st.builds(range, st.integers(0, 9), st.integers(0, 9)),
        lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner),
        max_leaves=12,
    )
)
def test_python_values_come_back(value: object) -> None:
    """Numbers, texts, lists, tuples, ranges and dicts of any keys are after JSON what they were, types and bits too."""
    state = through_json(State({}, {"value": pack(value, "value", {})}))
    assert repr(value) == repr(unpack(state.data["value"], {}))


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.zeros((0, 4), np.int32),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([np.nan, -0.0, 5e-324]),
        np.array(["ä", "b"]),
        np.array([True]),
    ],
)
def test_arrays_come_back(array: np.ndarray) -> None:
    """Arrays of any shape and type come back with all their bits, and so do NumPy's scalars; they are not shared."""
    arrays: dict[str, np.ndarray] = {}
    again = unpack(pack([array, array], "a/../b c", arrays), arrays)
    assert [(a.dtype, a.shape, a.tobytes()) for a in again] == [(array.dtype, array.shape, array.tobytes())] * 2
    assert not any(np.may_share_memory(a, b) for a in again for b in (array, *arrays.values()) if a.size)
    if array.size:
        scalar = array.ravel()[0]
        held = unpack(pack(scalar, "s", arrays), arrays)
        assert (type(held), held.tobytes()) == (type(scalar), scalar.tobytes())
