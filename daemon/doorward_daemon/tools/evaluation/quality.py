"""The quality score on spoiled copies: which kept the person, which lost it, and what the score says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.quality import QualityBand
from doorward_daemon.tools.eval_quality import QualityReport, measure
from doorward_daemon.tools.evaluation.rate import Measured, Rate, auroc_of, histogram
from doorward_daemon.tools.evaluation.spoiling import CopySight, SpoiledSight
from doorward_daemon.tools.quality_sample import KEPT_COSINE, LOST_COSINE, QualitySample

BINS = 40
"""Bins of a histogram of the quality score, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFinding:
    """One way of spoiling."""

    auroc: Measured | None
    """Copies that kept the person against copies that lost it; None where one side is empty."""
    rejected: Rate | None
    """Copies that lost the person and are in band rejected; None where none lost it."""
    n_kept: int
    """Copies that kept the person."""
    n_lost: int
    """Copies that lost it."""
    n_no_face: int
    """Copies in which no face is found any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFinding:
    """One way of spoiling at one strength."""

    kind: str
    """The way."""
    severity: float
    """The strength, 0..1."""
    copies: int
    """Copies made."""
    median_quality: float
    """Median quality score, 0 for copies without a face."""
    kept_share: float
    """Share of the copies that kept the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityFindings:
    """What the score says of clean photos and of their spoiled copies."""

    report: QualityReport | None
    """As `eval quality --degrade` prints it for these photos; None where no copy was kept, or none lost."""
    n_photos: int
    """Photos that were spoiled."""
    n_copies: int
    """Copies made."""
    kept_cosine: float
    """From this cosine to the clean photo on a copy kept the person."""
    lost_cosine: float
    """Below it a copy lost the person."""
    auroc: Measured | None
    """Kept against lost, all kinds together."""
    by_kind: Mapping[str, KindFinding]
    """Per way of spoiling."""
    cells: tuple[CellFinding, ...]
    """Per way and strength."""
    bands: Mapping[str, Mapping[str, Rate]]
    """Shares of each band: of the clean photos, of the copies that kept the person, of those that lost it."""
    clean_histogram: tuple[int, ...]
    """Clean photos per bin of the quality score."""
    kept_histogram: tuple[int, ...]
    """Copies that kept the person per bin."""
    lost_histogram: tuple[int, ...]
    """Copies that lost the person per bin."""


def find_quality(
    pack: str,
    photos: Sequence[SpoiledSight],
    clean: Sequence[tuple[QualityBand, float]],
    cosines: tuple[float, float] = (LOST_COSINE, KEPT_COSINE),
) -> QualityFindings:
    """Sums up what was seen.

    Args:
        pack: name of the pack.
        photos: spoiled in every way.
        clean: band and score of every clean photo, spoiled or not.
        cosines: of the pack, below which a copy is lost and from which it is kept.
    """
    copies = [copy for photo in photos for copy in photo.copies]
    told = [copy for copy in copies if copy.face is not None and (copy.is_kept or copy.is_lost)]
    kept, lost = ([copy for copy in told if copy.is_kept is wanted] for wanted in (True, False))
    no_face = sum(copy.face is None for copy in copies) + sum(photo.clean is None for photo in photos)
    sample = QualitySample(tuple(copy.entry() for copy in told), tuple(band for band, _ in clean), no_face)
    kinds = sorted({copy.kind for copy in copies})
    return QualityFindings(
        report=measure(pack, sample) if kept and lost and clean else None,
        n_photos=len(photos),
        n_copies=len(copies),
        kept_cosine=cosines[1],
        lost_cosine=cosines[0],
        auroc=auroc_of(_scores(kept), _scores(lost)),
        by_kind={kind: _find_kind([copy for copy in copies if copy.kind == kind]) for kind in kinds},
        cells=_find_cells(copies),
        bands={
            "clean": _bands([band for band, _ in clean]),
            "kept": _bands([copy.band for copy in kept]),
            "lost": _bands([copy.band for copy in lost]),
        },
        clean_histogram=histogram((score for _, score in clean), 0.0, 1.0, BINS),
        kept_histogram=histogram((copy.quality for copy in kept), 0.0, 1.0, BINS),
        lost_histogram=histogram((copy.quality for copy in lost), 0.0, 1.0, BINS),
    )


def _find_kind(copies: Sequence[CopySight]) -> KindFinding:
    seen = [copy for copy in copies if copy.face is not None]
    kept, lost = [copy for copy in seen if copy.is_kept], [copy for copy in seen if copy.is_lost]
    return KindFinding(
        auroc=auroc_of(_scores(kept), _scores(lost)),
        rejected=Rate.of(copy.band is QualityBand.REJECTED for copy in lost),
        n_kept=len(kept),
        n_lost=len(lost),
        n_no_face=len(copies) - len(seen),
    )


def _find_cells(copies: Sequence[CopySight]) -> tuple[CellFinding, ...]:
    places: dict[tuple[str, float], list[CopySight]] = {}
    for copy in copies:
        places.setdefault((copy.kind, copy.severity), []).append(copy)
    return tuple(
        CellFinding(
            kind=kind,
            severity=severity,
            copies=len(group),
            median_quality=float(np.median([copy.quality for copy in group])),
            kept_share=sum(copy.is_kept for copy in group) / len(group),
        )
        for (kind, severity), group in sorted(places.items())
    )


def _bands(found: Sequence[QualityBand]) -> dict[str, Rate]:
    shares = {band.value.lower(): Rate.of(one is band for one in found) for band in QualityBand}
    return {band: rate for band, rate in shares.items() if rate is not None}


def _scores(copies: Sequence[CopySight]) -> NDArray[np.float64]:
    return np.asarray([copy.quality for copy in copies], np.float64)
