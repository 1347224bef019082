"""Random numbers as a function of (seed, purpose, entity, tick): counter-based, without a state.

The generator is Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
1, 2, 3", section 4). A stream is the seed's key encrypted with the purpose; each tick encrypts that with its number;
each entity draws from the tick's key. So no stream depends on who else draws, in which order, or how often.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np

from .compile import kernel

__all__ = ["MAX_SEED", "draw", "stream", "threefry2x32"]

MAX_SEED = 2**64 - 1
U = np.uint32
Word = int | np.integer[Any]
PARITY = U(0x1BD11BDA)


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
