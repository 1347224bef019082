"""The random numbers: a published generator, keyed by what they are for."""

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runen_ecs.engine.random import draw, stream, threefry2x32

word = st.integers(0, 2**32 - 1)

# The three lines for "threefry2x32 20" of the known-answer file that Salmon et al. publish with their generators.
KNOWN_ANSWERS = [
    ((0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize(("key", "counter", "expected"), KNOWN_ANSWERS)
def test_known_answers(key, counter, expected):
    """The generator is Threefry-2x32-20 and nothing near it."""
    actual = threefry2x32(*key, *counter)

    assert expected == actual
    assert expected == naive.threefry2x32(key, counter)


@given(word, word, word, word)
def test_draw_equals_naive(k0, k1, entity, index):
    """A draw is the same function of key, entity and index as in plain Python."""
    expected = naive.uniform((k0, k1), entity, index)

    assert expected == draw(k0, k1, entity, index)
    assert 0.0 <= expected < 1.0


@given(st.integers(0, 2**64 - 1), st.text(max_size=20))
def test_stream_equals_naive(seed, purpose):
    """A stream is the same function of seed and purpose as in plain Python."""
    expected = naive.stream(seed, purpose)

    assert expected == stream(seed, purpose)


def test_streams_are_apart():
    """Another seed, purpose, entity or tick gives another number; the same give the same."""
    keys = [stream(seed, purpose) for seed in (0, 1, 2**32, 2**64 - 1) for purpose in ("a", "b", "a/b")]
    numbers = [draw(*key, entity, index) for key in keys for entity in range(5) for index in range(5)]

    assert len(set(numbers)) == len(numbers)
    assert numbers == [draw(*key, entity, index) for key in keys for entity in range(5) for index in range(5)]


def test_uniform():
    """Draws fill [0, 1) evenly, within five standard errors of mean and variance."""
    key = stream(7, "evenness")
    numbers = np.array([draw(*key, entity, 0) for entity in range(20_000)])

    assert abs(numbers.mean() - 1 / 2) < 5 * np.sqrt(1 / 12 / numbers.size)
    assert abs(numbers.var() - 1 / 12) < 5 * np.sqrt(1 / 180 / numbers.size)
