"""Names for the types of arrays that kernels work on."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Flags", "Floats", "Int64s", "Rows", "Shorts"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Shorts = NDArray[np.uint16]
Int64s = NDArray[np.int64]
Rows = NDArray[np.int32]  # also of entities and ticks
