"""Numbers drawn from distributions: each a function of the seed, the purpose and its place alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .engine.arrays import Floats
from .engine.compile import kernel
from .engine.random import draw, draw_normal, stream
from .errors import DistributionError

__all__ = ["Distribution", "LogNormal", "Normal", "Uniform", "sample"]


@dataclass(frozen=True)
class Uniform:
    """Uniform on [low, high)."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not -math.inf < self.low <= self.high < math.inf:
            raise DistributionError(f"uniform needs low <= high, both finite, not {self.low:g} and {self.high:g}")


@dataclass(frozen=True)
class Normal:
    """Normal, cut at two bounds: what lies beyond one is set to it."""

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if not (0 <= self.sd < math.inf and abs(self.mean) < math.inf and self.low <= self.high):
            raise DistributionError(
                f"normal needs a finite mean, sd >= 0 and low <= high, not {self.mean:g}, {self.sd:g}, "
                f"{self.low:g} and {self.high:g}"
            )


@dataclass(frozen=True)
class LogNormal:
    """A number whose logarithm is normal, of this median and this sd of the logarithm."""

    median: float
    sd: float

    def __post_init__(self) -> None:
        if not (0 < self.median < math.inf and 0 <= self.sd < math.inf):
            raise DistributionError(f"lognormal needs a median > 0 and sd >= 0, not {self.median:g} and {self.sd:g}")


Distribution = float | Uniform | Normal | LogNormal


@kernel
def fill_uniform(key0: int, key1: int, out: Floats) -> None:
    """Fill with numbers uniform on [0, 1). key0, key1 : the stream. out : (n,) float64, out."""
    for i in range(out.size):
        out[i] = draw(key0, key1, i, 0)


@kernel
def fill_normal(key0: int, key1: int, out: Floats) -> None:
    """Fill with standard normal numbers. key0, key1 : the stream. out : (n,) float64, out."""
    for i in range(out.size):
        out[i] = draw_normal(key0, key1, i)


def sample(distribution: Distribution, seed: int, purpose: str, n: int) -> NDArray[np.float64]:
    """Return ``n`` numbers; the first of them do not depend on how many there are.

    Parameters
    ----------
    distribution : float, Uniform, Normal or LogNormal
        A number stands for itself.
    seed : int
    purpose : str
        What they are for: "population/excitatory/a".
    n : int

    Returns
    -------
    (n,) float64
    """
    out = np.empty(n)
    key = stream(seed, purpose)
    if isinstance(distribution, Uniform):
        fill_uniform(*key, out)
        return distribution.low + (distribution.high - distribution.low) * out
    if isinstance(distribution, Normal):
        fill_normal(*key, out)
        return np.clip(distribution.mean + distribution.sd * out, distribution.low, distribution.high)
    if isinstance(distribution, LogNormal):
        fill_normal(*key, out)
        drawn: NDArray[np.float64] = distribution.median * np.exp(distribution.sd * out)
        return drawn
    out[:] = distribution
    return out
