"""Doorward's own quality head: a small network that reads what an embedder has computed anyway, and its file.

The file is a plain NumPy archive: arrays of numbers, and one text `about` (JSON in UTF-8). Nothing in it is executed.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

CLIP = 6.0
"""Standardised inputs are cut off here: no single one may decide, whatever a strange picture makes of it."""
OUTPUTS = ("quality", "mask", "cover")
"""Outputs of every head, logits; the graph it is fused into has them under these names, each (N, 1) float32."""


class Statistic(StrEnum):
    """How a map of the embedder becomes a few numbers per channel."""

    MEAN = "mean"
    MAX = "max"
    STD = "std"
    ROWS = "rows"
    """Mean of every row."""
    COLUMNS = "columns"
    """Mean of every column."""
    VALUE = "value"
    """As it is: for vectors."""


@dataclass(frozen=True, slots=True)
class Tap:
    """One inner value of the embedder that the head reads."""

    tensor: str
    """Its name in the embedder's graph."""
    statistics: tuple[Statistic, ...]
    """What of it is read, in order."""


@dataclass(frozen=True, slots=True, eq=False)
class QualityHead:
    """outputs = relu(clip((taps - mean) / std) @ hidden + hidden_bias) @ last + last_bias."""

    embedder: str
    """Name of the model it reads."""
    embedder_sha256: str
    """Hash of the upstream file of that model; a head reads no other."""
    higher_is_better: bool
    """Polarity of the output `quality`."""
    taps: tuple[Tap, ...]
    """What it reads."""
    mean: NDArray[np.float32]
    """(D,) mean of the inputs in training."""
    std: NDArray[np.float32]
    """(D,) their standard deviation, above 0."""
    hidden: NDArray[np.float32]
    """(D, H) weights of the hidden layer."""
    hidden_bias: NDArray[np.float32]
    """(H,)."""
    last: NDArray[np.float32]
    """(H, 3) weights of the last layer, calibration folded in: logistic(output) is the score."""
    last_bias: NDArray[np.float32]
    """(3,)."""

    def __post_init__(self) -> None:
        """Raises ValueError where shapes do not fit each other or a number is none."""
        inputs, hidden = self.hidden.shape if self.hidden.ndim == 2 else (-1, -1)
        expected = {
            "mean": (inputs,),
            "std": (inputs,),
            "hidden": (inputs, hidden),
            "hidden_bias": (hidden,),
            "last": (hidden, len(OUTPUTS)),
            "last_bias": (len(OUTPUTS),),
        }
        for name, shape in expected.items():
            found: NDArray[np.float32] = getattr(self, name)
            if found.shape != shape:
                raise ValueError(f"{name}: expected shape {shape}, found {found.shape}")
            if not np.isfinite(found).all():
                raise ValueError(f"{name}: expected finite numbers")
        if not (self.std > 0).all():
            raise ValueError("std: expected numbers above 0")

    def to_bytes(self) -> bytes:
        """The content of its file; equal heads give equal bytes."""
        about = {
            "embedder": self.embedder,
            "embedder_sha256": self.embedder_sha256,
            "higher_is_better": self.higher_is_better,
            "outputs": list(OUTPUTS),
            "taps": [asdict(tap) for tap in self.taps],
        }
        text = np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8)
        # Half precision for the large matrix: it halves the file and moves no score by more than 1e-3.
        arrays = {
            name: getattr(self, name).astype(np.float32) for name in ("mean", "std", "hidden_bias", "last", "last_bias")
        }
        stream = io.BytesIO()
        np.savez(stream, about=text, hidden=self.hidden.astype(np.float16), **arrays)
        return stream.getvalue()


def read_head(content: bytes) -> QualityHead:
    """Reads the content of a head's file.

    Args:
        content: of the file.

    Raises:
        ValueError: it is no head of this version, or its numbers do not fit each other.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        about = json.loads(arrays.pop("about").tobytes())
        if about.pop("outputs") != list(OUTPUTS):
            raise ValueError(f"expected the outputs {', '.join(OUTPUTS)}")
        taps = tuple(_tap(raw) for raw in about.pop("taps"))
        numbers = {name: array.astype(np.float32) for name, array in arrays.items()}
        return QualityHead(taps=taps, **about, **numbers)
    except (OSError, EOFError, KeyError, TypeError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(f"no quality head: {error}") from error


def width_of(taps: Sequence[Tap], sizes: Sequence[tuple[int, ...]]) -> int:
    """How many inputs taps give.

    Args:
        taps: what is read.
        sizes: shape of each tapped value without its first dimension: (C, H, W) or (C,).
    """
    return sum(_width(statistic, size) for tap, size in zip(taps, sizes, strict=True) for statistic in tap.statistics)


def _width(statistic: Statistic, size: tuple[int, ...]) -> int:
    channels = size[0]
    if statistic is Statistic.ROWS:
        return channels * size[1]
    if statistic is Statistic.COLUMNS:
        return channels * size[2]
    return channels


def _tap(raw: dict[str, Any]) -> Tap:
    return Tap(raw["tensor"], tuple(Statistic(name) for name in raw["statistics"]))
