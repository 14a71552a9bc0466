"""The vector a face becomes, and the space it lives in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doorward_daemon.model.array import freeze

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A comparable embedding: centred by its pack, length 1."""

    vector: NDArray[np.float32]
    """(D,) float32, finite, L2 norm 1 within 1e-3; compare by dot product, -1..1, higher = more alike."""
    embedding_id: str
    """Identity of the embedding space; templates of different ones never compare."""
    precision: str
    """Numeric precision it was computed in, e.g. `f32`."""

    def __post_init__(self) -> None:
        """Raises ValueError on NaN, infinity, zero length, another shape or type."""
        freeze(self.vector, "vector", (None,), "float32")
        norm = math.sqrt(float(self.vector @ self.vector))
        if not math.isfinite(norm) or abs(norm - 1.0) > 1e-3:
            raise ValueError(f"vector: expected finite numbers of length 1, found length {norm}")


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """What the embedder gave for one aligned face."""

    template: Template
    """The comparable vector."""
    norm: float
    """L2 norm of the raw output before normalising; in packs without a native score it hints at lost identity."""
    native_score: float | None = None
    """The pack's own quality or out-of-distribution score, mapped to 0..1, higher is better; None where it has none."""
    mask_score: float | None = None
    """How likely a mask covers the lower face, 0..1; None in packs that cannot tell."""
    cover_score: float | None = None
    """How likely something else covers part of the face, 0..1; None in packs that cannot tell."""
