"""The constants of a pack and what speaks for them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.tools.calibration_evidence import CalibrationEvidence
from doorward_daemon.tools.statistics import (
    ImpostorCohort,
    auroc,
    estimate_threshold,
    fit_slope,
    parting_norm,
    round_up,
    widest_margin,
    wilson_interval,
)

RATES = {"1e-2": 1e-2, "1e-3": 1e-3, "1e-4": 1e-4, "1e-5": 1e-5}
"""False match rates a pack carries thresholds at."""
OPERATING = "1e-3"
"""Rate whose threshold maps to similarity 0.5: the operating point of the identity room."""
LABELLED = ("identities", "identities_x_portraits")
"""Cohorts in which who is who is known; the stricter one sets the threshold at each rate."""
KEPT, LOST = "1e-4", "1e-2"
"""A spoiled copy that matches its clean portrait at the first rate kept its identity; below the second it lost it."""
TELLING_AUROC = 0.7
"""A norm that tells kept from lost copies less well is no sign of lost identity."""
DRAWS = 100
"""Samples of people drawn for the spread of a threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackConstants:
    """What goes into the pack's recipe; fields as in `packs.manifest.Calibration`."""

    thresholds_at_fmr: tuple[tuple[float, float], ...]
    """(false match rate, comparison score) pairs, rates falling."""
    margin: float
    """Lead over the best other subject that costs at most one right answer in 200."""
    similarity_slope: float
    """Slope of the calibrated similarity."""
    duplicate_score: float
    """Threshold at the strictest rate: a gallery of a thousand gives one false alarm in a hundred enrolments."""
    outlier_score: float
    """Threshold at the loosest rate: 99 of 100 pictures of somebody else are noticed."""
    norm_reference: float
    """Median embedding norm of the portraits."""
    norm_lost: float | None
    """Embedding norm at which identity is lost as often as kept; None where the norm tells too little."""

    def to_toml(self) -> str:
        """The lines of the pack's recipe."""
        pairs = ", ".join(f"[{rate:.0e}, {score}]" for rate, score in self.thresholds_at_fmr).replace("e-0", "e-")
        lines = [f"thresholds_at_fmr = [{pairs}]"]
        lines += [
            f"{name} = {getattr(self, name)}"
            for name in (
                "margin",
                "similarity_slope",
                "duplicate_score",
                "outlier_score",
                "norm_reference",
                "norm_lost",
            )
            if getattr(self, name) is not None
        ]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateEstimate:
    """One false match rate in one cohort."""

    threshold: float
    """Comparison score estimated from this cohort alone."""
    low: float
    """Lower end of its 95 % interval, people drawn anew."""
    high: float
    """Upper end."""
    fmr_found: float
    """False match rate of this cohort at the threshold the pack gets."""
    fmr_low: float
    """Lower end of its 95 % interval (Wilson; pairs taken as independent)."""
    fmr_high: float
    """Upper end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortReport:
    """Comparisons of different people of one kind."""

    n_pairs: int
    """Pairs that count."""
    n_excluded: int
    """Pairs above the look-alike limit."""
    mean: float
    """Mean comparison score."""
    deviation: float
    """Standard deviation."""
    rates: Mapping[str, RateEstimate]
    """Per false match rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissRate:
    """How often people are missed at one threshold."""

    fnmr: float
    """Share of genuine pairs below it."""
    low: float
    """Lower end of the 95 % interval (Wilson; pairs taken as independent)."""
    high: float
    """Upper end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    constants: PackConstants
    """What was found."""
    cohorts: Mapping[str, CohortReport]
    """Comparisons of different people."""
    genuine: Mapping[str, MissRate]
    """Misses at each threshold."""
    look_alike_limit: float
    """Portraits that resemble each other more are taken to be one person."""
    n_identity_photos: int
    """Faces of known people."""
    n_portraits: int
    """Faces of people nobody has named."""
    n_genuine: int
    """Pairs of one known person."""
    n_leads: int
    """Right answers the margin was read off."""
    n_kept: int
    """Spoiled copies that kept their identity: they pass the threshold at KEPT."""
    n_lost: int
    """Spoiled copies that lost it: they do not even pass the one at LOST."""
    norm_auroc: float | None
    """Chance that a copy that kept its identity has the larger norm; None without copies of both kinds."""


def report_on(pack: str, evidence: CalibrationEvidence, seed: int) -> CalibrationReport:
    """Computes constants and evidence.

    Args:
        pack: name of the pack.
        evidence: what was seen.
        seed: of the drawing of people.

    Raises:
        ValueError: a cohort is too small, or its scores are all alike.
    """
    cohorts = evidence.cohorts()
    scores = {name: cohort.impostor() for name, cohort in cohorts.items()}
    thresholds = _thresholds(scores)
    leads = evidence.leads(thresholds[OPERATING])
    kept = evidence.spoiled_norms[evidence.spoiled_cosines >= thresholds[KEPT]]
    lost = evidence.spoiled_norms[evidence.spoiled_cosines < thresholds[LOST]]
    norm_auroc = auroc(kept, lost) if len(kept) and len(lost) else None
    tells = norm_auroc is not None and norm_auroc >= TELLING_AUROC
    constants = PackConstants(
        thresholds_at_fmr=tuple((rate, thresholds[name]) for name, rate in RATES.items()),
        margin=round(widest_margin(leads), 3) if len(leads) else 0.0,
        similarity_slope=round(fit_slope(evidence.genuine, scores["identities"], thresholds[OPERATING]), 1),
        duplicate_score=thresholds["1e-5"],
        outlier_score=thresholds["1e-2"],
        norm_reference=round(float(np.median(evidence.portrait_norms)), 2),
        norm_lost=round(parting_norm(kept, lost), 2) if tells else None,
    )
    return CalibrationReport(
        pack=pack,
        constants=constants,
        cohorts={name: _cohort(cohort, scores[name], thresholds, seed) for name, cohort in cohorts.items()},
        genuine={name: _misses(evidence.genuine, threshold) for name, threshold in thresholds.items()},
        look_alike_limit=evidence.look_alike_limit,
        n_identity_photos=len(evidence.identities.persons),
        n_portraits=len(evidence.portraits.persons),
        n_genuine=len(evidence.genuine),
        n_leads=len(leads),
        n_kept=len(kept),
        n_lost=len(lost),
        norm_auroc=norm_auroc,
    )


def _thresholds(scores: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """Per rate the strictest estimate of the labelled cohorts; never below the one of a looser rate."""
    thresholds, floor = {}, -1.0
    for name, rate in RATES.items():
        floor = max(floor, *(estimate_threshold(scores[cohort], rate) for cohort in LABELLED))
        thresholds[name] = round_up(floor)
    return thresholds


def _cohort(
    cohort: ImpostorCohort, scores: NDArray[np.float64], thresholds: Mapping[str, float], seed: int
) -> CohortReport:
    spread = cohort.threshold_spread(list(RATES.values()), DRAWS, seed)
    rates = {}
    for (name, rate), (low, high) in zip(RATES.items(), spread, strict=True):
        errors = int((scores >= thresholds[name]).sum())
        fmr_low, fmr_high = wilson_interval(errors, len(scores))
        rates[name] = RateEstimate(
            threshold=estimate_threshold(scores, rate),
            low=low,
            high=high,
            fmr_found=errors / len(scores),
            fmr_low=fmr_low,
            fmr_high=fmr_high,
        )
    return CohortReport(
        n_pairs=len(scores),
        n_excluded=cohort.n_excluded,
        mean=float(scores.mean()),
        deviation=float(scores.std()),
        rates=rates,
    )


def _misses(genuine: NDArray[np.float64], threshold: float) -> MissRate:
    errors = int((genuine < threshold).sum())
    low, high = wilson_interval(errors, len(genuine))
    return MissRate(fnmr=errors / len(genuine), low=low, high=high)
