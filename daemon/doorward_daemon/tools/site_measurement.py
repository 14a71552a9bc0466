"""What photos of a site say about its thresholds and its margin, and how surely."""

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.identity import ThresholdCurve, fmr_for_fpir
from doorward_daemon.packs.manifest import Calibration
from doorward_daemon.packs.site_profile import RateInterval
from doorward_daemon.tools.statistics import (
    Crowd,
    ImpostorCohort,
    estimate_threshold,
    round_up,
    widest_margin,
    wilson_interval,
)

RATES = (1e-2, 1e-3, 1e-4, 1e-5)
"""False match rates a profile carries thresholds at."""
FEWEST_IMPOSTORS = 100
"""Pairs of two people without which nothing is said."""
FEWEST_LEADS = 100
"""Right answers without which the pack's margin stays."""
REFERENCES_PER_SUBJECT = 3
"""References a subject is taken to have when a search is planned."""
_DRAWS = 200


class SiteMeasurement:
    """Reads thresholds and margin off the photos of a site.

    A threshold becomes stricter than the pack's as soon as the site's own estimate is, and looser only down to the
    upper end of its 95 % interval: a few photos may show that strangers look alike here, and cannot show that they do
    not.

    Args:
        people: photos and whose they are.
        own: the pack's calibration.
        seed: of the drawing of people.

    Raises:
        ValueError: too few pairs of two people, or scores that are all alike.
    """

    def __init__(self, people: Crowd, own: Calibration, seed: int = 0) -> None:
        self._people, self._own = people, own
        self._cohort = ImpostorCohort.within(people)
        self.impostor = self._cohort.impostor()
        if len(self.impostor) < FEWEST_IMPOSTORS:
            raise ValueError(f"expected {FEWEST_IMPOSTORS} pairs of two people at least, found {len(self.impostor)}")
        self._scores = people.vectors.astype(np.float64) @ people.vectors.astype(np.float64).T
        self._same = people.persons[:, None] == people.persons[None, :]
        self.genuine: NDArray[np.float64] = self._scores[np.triu(self._same, k=1)]
        self._spread = dict(zip(RATES, self._cohort.threshold_spread(RATES, _DRAWS, seed), strict=True))
        self.thresholds_at_fmr = self._thresholds()

    def threshold_at(self, rate: float) -> float:
        """Comparison score needed at a false match rate."""
        return ThresholdCurve(self.thresholds_at_fmr).threshold_at(rate)

    def search_threshold(self, fpir: float, subjects: int) -> float:
        """Least comparison score of a search over so many subjects; not below the pack's (spoiled frames)."""
        searched = self.threshold_at(fmr_for_fpir(fpir, subjects * REFERENCES_PER_SUBJECT))
        return round_up(max(self._own.search_threshold, searched))

    def margin(self) -> float:
        """Lead over the best other subject, between half and twice the pack's."""
        leads = self._leads()
        if len(leads) < FEWEST_LEADS:
            return self._own.margin
        return round(min(2 * self._own.margin, max(self._own.margin / 2, widest_margin(leads))), 3)

    def intervals(self, wanted_fmr: float, search_threshold: float) -> dict[str, RateInterval]:
        """What was measured with its 95 % intervals: thresholds by drawing people, rates by Wilson."""
        found = {
            f"threshold_at_{rate:.0e}".replace("e-0", "e-"): RateInterval(
                value=estimate_threshold(self.impostor, rate), low=low, high=high
            )
            for rate, (low, high) in self._spread.items()
        }
        threshold = self.threshold_at(wanted_fmr)
        found["fmr"] = _rate(int((self.impostor >= threshold).sum()), len(self.impostor))
        found["fnmr"] = _rate(int((self.genuine < threshold).sum()), len(self.genuine))
        best = self._best_own()
        found["fnir_by_threshold"] = _rate(int((best < search_threshold).sum()), len(best))
        return {
            name: RateInterval(value=round(one.value, 6), low=round(one.low, 6), high=round(one.high, 6))
            for name, one in found.items()
        }

    def _thresholds(self) -> tuple[tuple[float, float], ...]:
        own, floor, pairs = ThresholdCurve(self._own.thresholds_at_fmr), -1.0, []
        for rate in RATES:
            estimate = estimate_threshold(self.impostor, rate)
            upper = max(estimate, self._spread[rate][1])
            floor = max(floor, round_up(max(estimate, min(upper, own.threshold_at(rate)))))
            pairs.append((rate, min(1.0, floor)))
        return tuple(pairs)

    def _leads(self) -> NDArray[np.float64]:
        others = np.where(self._same, -1.0, self._scores).max(axis=1)
        asked = self._same & ~np.eye(len(self._scores), dtype=bool) & (self._scores >= self.threshold_at(1e-3))
        leads = (self._scores - others[:, None])[asked]
        return np.asarray(leads[leads > 0.0])

    def _best_own(self) -> NDArray[np.float64]:
        """Per photo of a person with several, its score with the closest other one."""
        own = np.where(self._same & ~np.eye(len(self._scores), dtype=bool), self._scores, -2.0).max(axis=1)
        return np.asarray(own[own > -2.0])


def _rate(errors: int, trials: int) -> RateInterval:
    low, high = wilson_interval(errors, trials)
    return RateInterval(value=errors / trials, low=low, high=high)
