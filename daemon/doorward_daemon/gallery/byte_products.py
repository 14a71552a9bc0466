"""Products of whole numbers in bytes, at the speed memory gives them out."""

import numpy as np
from numpy.typing import NDArray

try:
    import simsimd
except ImportError:  # no wheel for this processor, and no compiler: searches read the templates themselves
    HAS_BYTE_PRODUCTS = False
else:
    HAS_BYTE_PRODUCTS = True
"""Whether this machine has them."""


def byte_products(probe: NDArray[np.int8], rows: NDArray[np.int8], out: NDArray[np.float32]) -> None:
    """Multiplies a probe with every row, summed in 32-bit whole numbers; needs HAS_BYTE_PRODUCTS.

    Args:
        probe: (1, D) int8, D up to 100,000.
        rows: (N, D) int8.
        out: (N,) float32, written.
    """
    simsimd.cdist(probe, rows, "dot", out=out[None], out_dtype="float32")
