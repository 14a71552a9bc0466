"""One to one: error rates with intervals, the DET curve, the scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doorward_daemon.tools.eval_verification import RATES, VerificationReport, measure
from doorward_daemon.tools.evaluation.rate import Measured, histogram
from doorward_daemon.tools.photo_folder import PhotoGroup
from doorward_daemon.tools.statistics import ErrorRates, compare_all
from doorward_daemon.tools.statistics.person_bootstrap import Interval, PersonBootstrap
from doorward_daemon.tools.survey import Survey

BINS = 60
"""Bins of a histogram."""
_CURVE_POINTS = 60


@dataclass(frozen=True, slots=True)
class DetPoint:
    """One point of the detection error trade-off."""

    fmr: float
    """False match rate, 0..1."""
    fnmr: float
    """False non-match rate at the threshold of that rate."""
    low: float | None
    """Lower end of its 95 % interval; None without one."""
    high: float | None
    """Upper end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationFindings:
    """What one to one comparison of all photos gave."""

    report: VerificationReport
    """As `eval verification` prints it."""
    n_persons: int
    """Persons."""
    auc: Measured
    """Area under the ROC."""
    eer: Measured
    """Equal error rate."""
    fnmr_at_fmr: Mapping[str, Measured]
    """False non-match rate at each false match rate."""
    det: tuple[DetPoint, ...]
    """The DET curve, rising false match rates."""
    score_range: Interval
    """Lowest and highest score of the histograms."""
    genuine_histogram: tuple[int, ...]
    """Pairs of one person per bin of score."""
    impostor_histogram: tuple[int, ...]
    """Pairs of two persons per bin of score."""


def find_verification(
    folder: Path, pack: str, persons: Sequence[PhotoGroup], found: Survey, seed: int
) -> VerificationFindings:
    """Compares all pairs of what was found.

    Args:
        folder: where the photos are, for messages.
        pack: name of the pack.
        persons: whose photos they are.
        found: one sight per photo, in the order of the persons' photos.
        seed: of the drawing of people.

    Raises:
        InvalidInput: FIELD_INVALID, there is no pair of one person, or none of two persons.
    """
    report = measure(folder, pack, persons, found)
    names = [person.name for person in persons for _ in person.photos]
    seen = [(name, sight.face) for name, sight in zip(names, found.sights, strict=True) if sight.face is not None]
    vectors = np.stack([face.embedding.template.vector for _, face in seen])
    whose = [name for name, _ in seen]
    pairs = compare_all(vectors, whose, [face.quality.score for _, face in seen])
    rates = ErrorRates.of(pairs.genuine, pairs.impostor)
    grid = np.geomspace(1.0 / len(pairs.impostor), 1.0, _CURVE_POINTS).tolist()
    drawn = PersonBootstrap(vectors, whose).rates([*RATES.values(), *grid], seed=seed)
    fnmr: Sequence[Interval | None] = [None] * (len(RATES) + len(grid)) if drawn is None else drawn.fnmr
    at_rates, along = fnmr[: len(RATES)], fnmr[len(RATES) :]
    low, high = float(min(rates.genuine[0], rates.impostor[0])), float(max(rates.genuine[-1], rates.impostor[-1]))
    return VerificationFindings(
        report=report,
        n_persons=len(set(whose)),
        auc=_measured(report.auc, None if drawn is None else drawn.auc),
        eer=_measured(report.eer, None if drawn is None else drawn.eer),
        fnmr_at_fmr={
            name: _measured(report.fnmr_at_fmr[name], interval) for name, interval in zip(RATES, at_rates, strict=True)
        },
        det=tuple(
            DetPoint(rate, rates.fnmr(rates.threshold_at_fmr(rate)), *(interval or (None, None)))
            for rate, interval in zip(grid, along, strict=True)
        ),
        score_range=(low, high),
        genuine_histogram=histogram(pairs.genuine, low, high, BINS),
        impostor_histogram=histogram(pairs.impostor, low, high, BINS),
    )


def _measured(value: float, interval: Interval | None) -> Measured:
    return Measured(value) if interval is None else Measured(value, *interval)
