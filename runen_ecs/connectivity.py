"""Who connects to whom: rules that draw pairs of neurons, each a function of the seed and the purpose alone.

Every rule returns two arrays, source and target, (n,) int32: indexes into two populations.
"""

from __future__ import annotations

import math

import numpy as np

from .engine.arrays import Int64s, Rows
from .engine.compile import array_kernel, kernel
from .engine.random import draw, stream
from .errors import ConnectivityError

__all__ = ["all_to_all", "fixed_in_degree", "fixed_out_degree", "one_to_one", "with_probability"]

Pairs = tuple[Rows, Rows]


def all_to_all(n_sources: int, n_targets: int, *, skip_self: bool = False) -> Pairs:
    """Connect each source to each target; ``skip_self`` leaves out those of one number."""
    source = np.repeat(np.arange(n_sources, dtype=np.int32), n_targets)
    target = np.tile(np.arange(n_targets, dtype=np.int32), n_sources)
    kept = source != target if skip_self else slice(None)
    return source[kept], target[kept]


def one_to_one(n_sources: int, n_targets: int) -> Pairs:
    """Connect each source to the target of the same number.

    Raises
    ------
    ConnectivityError
        If there are not as many.
    """
    if n_sources != n_targets:
        raise ConnectivityError(f"one-to-one needs populations of one size, not {n_sources:,} and {n_targets:,}")
    both = np.arange(n_sources, dtype=np.int32)
    return both, both.copy()


def with_probability(
    n_sources: int, n_targets: int, p: float, seed: int, purpose: str, *, skip_self: bool = False
) -> Pairs:
    """Connect each pair with probability ``p``, independently.

    Raises
    ------
    ConnectivityError
        If ``p`` is no probability.
    """
    if not 0 <= p <= 1:
        raise ConnectivityError(f"a probability lies in 0 … 1, not {p:g}")
    if p in (0, 1) or not n_targets:
        return all_to_all(n_sources if p == 1 else 0, n_targets, skip_self=skip_self)
    key, first = stream(seed, purpose), np.zeros(n_sources + 1, np.int64)
    target = np.empty(0, np.int32)
    for _ in range(2):  # count, then fill
        leap(*key, math.log1p(-p), n_targets, skip_self, first, target)
        target = target if target.size else np.empty(first[-1], np.int32)
    return np.repeat(np.arange(n_sources, dtype=np.int32), np.diff(first)), target


@kernel
def leap(key0: int, key1: int, log_miss: float, n_targets: int, skip_self: bool, first: Int64s, target: Rows) -> None:
    """List for each source the targets that a probability lets it have, leaping over those that it does not.

    The number of targets between two that are connected is geometric: gap = floor(ln(1 − U) / ln(1 − p))

    key0, key1 : the stream. log_miss : float, ln(1 − p). first : (n_sources + 1,) int64, out: where the targets of each
    source begin. target : (n,) int32, out; of size 0: only count.

    *Source*: Batagelj & Brandes 2005, "Efficient generation of large random networks".
    """
    n = 0
    for i in range(first.size - 1):
        first[i] = n
        j, draws = -1, 0
        while True:
            gap = math.log(1.0 - draw(key0, key1, i, draws)) / log_miss
            draws += 1
            if gap >= n_targets - j - 1:
                break
            j += int(gap) + 1
            if skip_self and i == j:
                continue
            if target.size:
                target[n] = j
            n += 1
    first[first.size - 1] = n


def fixed_in_degree(
    n_sources: int,
    n_targets: int,
    degree: int,
    seed: int,
    purpose: str,
    *,
    repeats: bool = False,
    skip_self: bool = False,
) -> Pairs:
    """Give each target ``degree`` sources, drawn uniformly.

    Parameters
    ----------
    n_sources, n_targets, degree : int
    seed : int
    purpose : str
    repeats : bool
        Whether a source may be drawn more than once for a target.
    skip_self : bool
        Whether to leave out the source of the target's own number.

    Raises
    ------
    ConnectivityError
        If there are not enough sources.
    """
    source, target = np.empty(n_targets * degree, np.int32), np.repeat(np.arange(n_targets, dtype=np.int32), degree)
    choices = n_sources - int(skip_self)
    if degree and (choices < 1 or (degree > choices and not repeats)):
        raise ConnectivityError(f"each neuron is to have {degree:,} of {max(choices, 0):,}, without repeats")
    if degree < 0:
        raise ConnectivityError(f"a degree is 0 or more, not {degree}")
    choose(*stream(seed, purpose), n_sources, degree, repeats, skip_self, source)
    return source, target


def fixed_out_degree(
    n_sources: int,
    n_targets: int,
    degree: int,
    seed: int,
    purpose: str,
    *,
    repeats: bool = False,
    skip_self: bool = False,
) -> Pairs:
    """Give each source ``degree`` targets, drawn uniformly; see `fixed_in_degree`."""
    target, source = fixed_in_degree(n_targets, n_sources, degree, seed, purpose, repeats=repeats, skip_self=skip_self)
    return source, target


@array_kernel
def choose(key0: int, key1: int, n: int, degree: int, repeats: bool, skip_self: bool, chosen: Rows) -> None:
    """Choose ``degree`` of ``n`` for each of many, by drawing again what was drawn already or must not be.

    key0, key1 : the stream. chosen : (n_choosers · degree,) int32, out.
    """
    taken_by = np.full(n, -1, np.int64)
    for i in range(chosen.size // max(degree, 1)):
        draws = 0
        for k in range(degree):
            while True:
                j = int(draw(key0, key1, i, draws) * n)
                draws += 1
                if not (skip_self and i == j) and (repeats or taken_by[j] != i):
                    break
            taken_by[j] = i
            chosen[i * degree + k] = j
