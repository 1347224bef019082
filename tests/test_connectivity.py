"""Rules of connection and distributions: what they promise, against plain Python and against chance."""

from __future__ import annotations

import math

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runen_ecs.connectivity import all_to_all, fixed_in_degree, fixed_out_degree, one_to_one, with_probability
from runen_ecs.distributions import LogNormal, Normal, Uniform, sample
from runen_ecs.errors import ConnectivityError, DistributionError

sizes = st.integers(0, 12)
seeds = st.integers(0, 2**64 - 1)


def leaps(n_sources, n_targets, p, seed, purpose, skip_self):
    """Pairs with a probability, in plain Python."""
    key = naive.stream(seed, purpose)
    for i in range(n_sources):
        j, draws = -1, 0
        while True:
            gap = math.log(1.0 - naive.uniform(key, i, draws)) / math.log1p(-p)
            draws += 1
            if gap >= n_targets - j - 1:
                break
            j += int(gap) + 1
            if not (skip_self and i == j):
                yield i, j


def choices(n_choosers, n, degree, seed, purpose, repeats, skip_self):
    """What each of some chooses, in plain Python."""
    key = naive.stream(seed, purpose)
    for i in range(n_choosers):
        chosen: list[int] = []
        draws = 0
        while len(chosen) < degree:
            j = int(naive.uniform(key, i, draws) * n)
            draws += 1
            if not (skip_self and i == j) and (repeats or j not in chosen):
                chosen.append(j)
        yield from ((j, i) for j in chosen)


@settings(max_examples=60, deadline=None)
@given(sizes, sizes, st.floats(0.01, 0.99), seeds, st.booleans())
def test_with_probability_equals_plain_python(n_sources, n_targets, p, seed, skip_self):
    """Leaping over what is not connected gives the pairs that plain Python gives."""
    source, target = with_probability(n_sources, n_targets, p, seed, "pairs", skip_self=skip_self)

    assert list(leaps(n_sources, n_targets, p, seed, "pairs", skip_self)) == list(zip(source, target, strict=True))


@settings(max_examples=60, deadline=None)
@given(sizes, sizes, st.integers(0, 5), seeds, st.booleans(), st.booleans())
def test_fixed_in_degree_equals_plain_python(n_sources, n_targets, degree, seed, repeats, skip_self):
    """Each target has its number of sources, the ones that plain Python draws, or the rule says that it cannot be."""
    arguments = n_sources, n_targets, degree, seed, "pairs"
    available = n_sources - skip_self
    if degree and (available < 1 or (degree > available and not repeats)):
        with pytest.raises(ConnectivityError, match="each neuron is to have"):
            fixed_in_degree(*arguments, repeats=repeats, skip_self=skip_self)
        return
    source, target = fixed_in_degree(*arguments, repeats=repeats, skip_self=skip_self)
    expected = list(choices(n_targets, n_sources, degree, seed, "pairs", repeats, skip_self))

    assert expected == list(zip(source, target, strict=True))
    assert (np.bincount(target, minlength=n_targets) == degree).all()


def test_fixed_out_degree_is_the_mirror():
    """Each source has its number of targets, without repeats and without itself."""
    source, target = fixed_out_degree(50, 60, 7, 3, "pairs", skip_self=True)

    assert (np.bincount(source) == 7).all()
    assert len(set(zip(source.tolist(), target.tolist(), strict=True))) == 350
    assert not (source == target).any()


def test_all_to_all_and_one_to_one():
    """All pairs in order, with or without a neuron to itself; or those of one number."""
    source, target = all_to_all(2, 3, skip_self=True)
    first, second = one_to_one(3, 3)

    assert [(0, 1), (0, 2), (1, 0), (1, 2)] == list(zip(source, target, strict=True))
    assert [(0, 0), (1, 1), (2, 2)] == list(zip(first, second, strict=True))
    assert 6 == all_to_all(2, 3)[0].size == with_probability(2, 3, 1, 0, "pairs")[0].size
    assert 0 == with_probability(2, 3, 0, 0, "pairs")[0].size
    with pytest.raises(ConnectivityError, match="one-to-one needs populations of one size, not 2 and 3"):
        one_to_one(2, 3)


def test_probability_is_met():
    """Of many pairs a share of p is connected, evenly over sources and targets."""
    source, target = with_probability(2000, 1500, 0.013, 5, "pairs")
    mean, sd = 3e6 * 0.013, math.sqrt(3e6 * 0.013)

    assert abs(source.size - mean) < 4 * sd
    for ends, n, each in ((source, 2000, 1500 * 0.013), (target, 1500, 2000 * 0.013)):
        assert abs(np.bincount(ends, minlength=n).var() / each - 1) < 0.15


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_no_probability_is_refused(p):
    """What is no probability is named."""
    with pytest.raises(ConnectivityError, match="a probability lies in 0"):
        with_probability(2, 2, p, 0, "pairs")


@pytest.mark.parametrize(
    ("distribution", "mean", "sd"),
    [
        (3.5, 3.5, 0.0),
        (Uniform(-1, 3), 1.0, 4 / math.sqrt(12)),
        (Normal(2, 0.5), 2.0, 0.5),
        (LogNormal(1.0, 0.25), math.exp(0.25**2 / 2), math.sqrt(math.expm1(0.25**2)) * math.exp(0.25**2 / 2)),
    ],
)
def test_distributions_have_their_moments(distribution, mean, sd):
    """Mean and standard deviation of many numbers are those of the distribution."""
    drawn = sample(distribution, 7, "numbers", 100_000)

    assert abs(drawn.mean() - mean) < 5 * max(sd, 1e-12) / math.sqrt(1e5) + 1e-12
    assert abs(drawn.std() - sd) < 0.02 * sd + 1e-12


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(0, 50), st.integers(0, 50))
def test_numbers_do_not_depend_on_how_many_there_are(seed, n, more):
    """The first numbers of a longer sample are those of a shorter one; another purpose gives others."""
    few, many = (sample(Normal(0, 1), seed, "numbers", size) for size in (n, n + more))

    assert few.tolist() == many[:n].tolist()
    assert n < 1 or few[0] != sample(Normal(0, 1), seed, "others", n)[0]


def test_normal_numbers_are_cut_at_their_bounds():
    """What lies beyond a bound is set to it."""
    drawn = sample(Normal(0, 1, low=-0.5, high=1.0), 1, "numbers", 1000)

    assert (-0.5, 1.0) == (drawn.min(), drawn.max())


@pytest.mark.parametrize(
    "make",
    [
        lambda: Uniform(2, 1),
        lambda: Uniform(0, math.inf),
        lambda: Uniform(math.nan, 1),
        lambda: Normal(0, -1),
        lambda: Normal(math.nan, 1),
        lambda: Normal(0, 1, low=2, high=1),
        lambda: LogNormal(0, 1),
        lambda: LogNormal(1, -1),
    ],
)
def test_impossible_parameters_are_refused(make):
    """A distribution that cannot be is an error where it is made."""
    with pytest.raises(DistributionError, match="needs"):
        make()
