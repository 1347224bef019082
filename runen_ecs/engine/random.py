"""Random numbers as a function of (seed, purpose, entity, tick): counter-based, without a state.

The generator is Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
1, 2, 3", section 4). A stream is the seed's key encrypted with the purpose; each tick encrypts that with its number;
each entity draws from the tick's key. So no stream depends on who else draws, in which order, or how often.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any
from zlib import crc32

import numpy as np

from .compile import kernel

__all__ = ["MAX_SEED", "draw", "draw_normal", "stream", "threefry2x32"]

MAX_SEED = 2**64 - 1
U = np.uint32
Word = int | np.integer[Any]
PARITY = U(0x1BD11BDA)
LN_2 = 0.6931471805599453
TWO_PI = 2.0 * pi


@kernel
def rotate(x: np.uint32, r: int) -> np.uint32:
    """Rotate a 32-bit word to the left by ``r`` bits."""
    return U(U(x << U(r)) | U(x >> U(32 - r)))


@kernel
def threefry2x32(k0: Word, k1: Word, c0: Word, c1: Word) -> tuple[np.uint32, np.uint32]:
    """Encrypt the counter (c0, c1) with the key (k0, k1), all 32-bit, by Threefry-2x32 with 20 rounds.

    *Source*: Salmon et al. 2011, section 4.2; rotations from its reference implementation.
    """
    u0, u1 = U(k0), U(k1)
    u2 = U(u0 ^ u1 ^ PARITY)
    x0, x1 = U(U(c0) + u0), U(U(c1) + u1)
    for injection in range(1, 6):
        if injection & 1:
            x0 = U(x0 + x1)
            x1 = U(rotate(x1, 13) ^ x0)
            x0 = U(x0 + x1)
            x1 = U(rotate(x1, 15) ^ x0)
            x0 = U(x0 + x1)
            x1 = U(rotate(x1, 26) ^ x0)
            x0 = U(x0 + x1)
            x1 = U(rotate(x1, 6) ^ x0)
        else:
            x0 = U(x0 + x1)
            x1 = U(rotate(x1, 17) ^ x0)
            x0 = U(x0 + x1)
            x1 = U(rotate(x1, 29) ^ x0)
            x0 = U(x0 + x1)
            x1 = U(rotate(x1, 16) ^ x0)
            x0 = U(x0 + x1)
            x1 = U(rotate(x1, 24) ^ x0)
        x0 = U(x0 + u1)
        x1 = U(x1 + u2 + U(injection))
        u0, u1, u2 = u1, u2, u0
    return x0, x1


@kernel
def draw(k0: Word, k1: Word, entity: Word, index: Word) -> float:
    """Return a number uniform on [0, 1), 53 bits of it random, for an entity (or any 32-bit number) and an index."""
    high, low = threefry2x32(k0, k1, entity, index)
    return ((np.int64(high) >> 5) * 67108864.0 + (np.int64(low) >> 6)) * (1.0 / 9007199254740992.0)


@kernel
def logarithm(x: float) -> float:
    """Return ln x for x in (0, 1], within 3e-16 of it, relatively or absolutely.

    Sums, products and quotients alone: the log of a machine's library may differ from that of another in the last bit.

    ln x = e ln 2 + 2 (s + s³/3 + s⁵/5 + …),  x = 2^e m,  s = (m − 1)/(m + 1),  m in [√½, √2)
    """
    e = 0.0
    for n in (32, 16, 8, 4, 2, 1):
        small = x < 1.0 / (1 << n)
        x = x * (1 << n) if small else x
        e = e - n if small else e
    low = x < 0.7071067811865476
    x = 2.0 * x if low else x
    e = e - 1.0 if low else e
    s = (x - 1.0) / (x + 1.0)
    q = s * s
    series = 1.0 / 15.0 + q * (1.0 / 17.0 + q * (1.0 / 19.0 + q * (1.0 / 21.0 + q * (1.0 / 23.0))))
    series = 1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0 + q * series)))
    series = q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * series))
    return e * LN_2 + 2.0 * (s + s * series)


@kernel
def cosine_of_turns(u: float) -> float:
    """Return cos 2πu for u in [0, 1], within 1e-15; see `logarithm` for why not by the library.

    By its symmetry, cos 2πu = ± sin p with p in [0, π/2], and sin p = p − p³/3! + p⁵/5! − …
    """
    t = 0.25 - abs(u - 0.5)
    p = TWO_PI * abs(t)
    q = p * p
    series = 1.0 / 6227020800.0 - q * (
        1.0 / 1307674368000.0
        - q * (1.0 / 355687428096000.0 - q * (1.0 / 121645100408832000.0 - q * (1.0 / 51090942171709440000.0)))
    )
    series = 1.0 / 5040.0 - q * (1.0 / 362880.0 - q * (1.0 / 39916800.0 - q * series))
    series = q * (1.0 / 6.0 - q * (1.0 / 120.0 - q * series))
    sine = p - p * series
    return -sine if t > 0.0 else sine


@kernel
def draw_normal(k0: Word, k1: Word, entity: Word) -> float:
    """Return a standard normal number for an entity (or any 32-bit number), from its draws 0 and 1.

    z = √(−2 ln(1 − U₀)) cos 2πU₁

    *Source*: Box & Muller 1958, "A note on the generation of random normal deviates".
    """
    return sqrt(-2.0 * logarithm(1.0 - draw(k0, k1, entity, 0))) * cosine_of_turns(draw(k0, k1, entity, 1))


def stream(seed: int, purpose: str) -> tuple[int, int]:
    """Return the key of a stream.

    Parameters
    ----------
    seed : int
        0 … 2**64 - 1.
    purpose : str
        What it is for: "thalamic_input", "columnar_layout/connection". One word, one stream.
    """
    k0, k1 = threefry2x32(seed & 0xFFFFFFFF, seed >> 32, crc32(purpose.encode()), 0)
    return int(k0), int(k1)
