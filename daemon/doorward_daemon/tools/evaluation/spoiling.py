"""Spoils photos in every way and strength, and keeps what became of each copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doorward_daemon.model.quality import QualityBand
from doorward_daemon.tools.lab import Lab, LabFace
from doorward_daemon.tools.quality_sample import QualityEntry, cosines_of, spoiled_copies
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.degradation import REFUSED


@dataclass(frozen=True, slots=True, eq=False)
class CopySight:
    """One spoiled copy."""

    kind: str
    """What was done, lower case."""
    severity: float
    """How strongly, 0..1."""
    face: LabFace | None
    """Its largest face; None where there is none any more."""
    cosine: float
    """Comparison score with the clean photo; 0 without a face."""
    is_kept: bool
    """Whether it still shows the same person and may be judged: a mask, a drawing and a thing never may."""
    is_lost: bool
    """Whether it no longer does; a copy between the two is neither."""

    @property
    def quality(self) -> float:
        """Its quality score; 0 without a face."""
        return 0.0 if self.face is None else self.face.quality.score

    @property
    def band(self) -> QualityBand:
        """Its band; REJECTED without a face."""
        return QualityBand.REJECTED if self.face is None else self.face.quality.band

    def entry(self) -> QualityEntry:
        """The same as `eval quality` counts it."""
        return QualityEntry(self.kind, self.is_kept, self.quality, self.band)


@dataclass(frozen=True, slots=True, eq=False)
class SpoiledSight:
    """A photo and its copies."""

    photo: Path
    """The clean photo."""
    clean: LabFace | None
    """Its face; None where there is none."""
    copies: tuple[CopySight, ...]
    """Its copies."""


def spoil_photos(lab: Lab, photos: Sequence[Path], most: int, seed: int) -> tuple[SpoiledSight, ...]:
    """Spoils photos, evenly chosen where there are many.

    Args:
        lab: the opened pack.
        photos: of faces.
        most: photos that are spoiled at most; each becomes forty or more.
        seed: of the spoiling; of all photos taken, the same one gives the copies of `eval quality --degrade`.
    """
    chosen = photos[:: max(1, -(-len(photos) // most))]
    seeds = np.random.default_rng(seed).integers(0, 2**31, size=len(chosen))
    return tuple(
        _spoil(lab, photo, int(photo_seed))
        for photo, photo_seed in zip(progress(chosen, "Spoiling photos"), seeds, strict=True)
    )


def _spoil(lab: Lab, photo: Path, seed: int) -> SpoiledSight:
    spoiled = spoiled_copies(lab, photo, seed)
    lost, kept = cosines_of(lab.manifest)
    copies = tuple(
        CopySight(
            kind=copy.kind.value.lower(),
            severity=copy.severity,
            face=copy.face,
            cosine=copy.cosine,
            is_kept=copy.face is not None and copy.cosine >= kept and copy.kind not in REFUSED,
            is_lost=copy.face is None or copy.cosine < lost,
        )
        for copy in spoiled.copies
    )
    return SpoiledSight(photo, spoiled.clean, copies)
