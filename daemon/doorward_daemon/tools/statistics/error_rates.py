"""Error rates of one-to-one comparison (ISO/IEC 19795-1) as functions of the threshold."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.array import freeze
from doorward_daemon.tools.statistics.separation import auroc


@dataclass(frozen=True, slots=True, eq=False)
class ErrorRates:
    """Mated and non-mated comparison scores, sorted; a comparison is a match where score >= threshold."""

    genuine: NDArray[np.float64]
    """(G,) float64, rising: scores of pairs of one person."""
    impostor: NDArray[np.float64]
    """(I,) float64, rising: scores of pairs of two persons."""

    def __post_init__(self) -> None:
        """Raises ValueError on no scores, on scores that are not numbers or not sorted, on another shape or type."""
        for name, scores in (("genuine", self.genuine), ("impostor", self.impostor)):
            freeze(scores, name, (None,), "float64")
            if not len(scores) or not np.isfinite(scores).all() or (np.diff(scores) < 0).any():
                raise ValueError(f"{name}: expected at least one finite score, rising; found {len(scores)} scores")

    @classmethod
    def of(cls, genuine: NDArray[np.float64], impostor: NDArray[np.float64]) -> "ErrorRates":
        """Sorts copies of the scores."""
        return cls(np.sort(np.asarray(genuine, np.float64)), np.sort(np.asarray(impostor, np.float64)))

    def fmr(self, threshold: float) -> float:
        """False match rate: share of impostor scores at or above the threshold."""
        below = int(np.searchsorted(self.impostor, threshold, side="left"))
        # Counted and then divided: 1 - 0.99 would be above 0.01.
        return (len(self.impostor) - below) / len(self.impostor)

    def fnmr(self, threshold: float) -> float:
        """False non-match rate: share of genuine scores below the threshold."""
        return int(np.searchsorted(self.genuine, threshold, side="left")) / len(self.genuine)

    def threshold_at_fmr(self, rate: float) -> float:
        """The smallest threshold whose FMR is not above a rate.

        The FMR falls just *behind* an impostor score, not at it (score >= threshold matches): the answer is the next
        float64 behind the highest impostor score that must no longer match. Equal scores fall together.

        Args:
            rate: highest false match rate allowed, 0..1.

        Returns:
            Threshold; the lowest score of all where every impostor may match.
        """
        return threshold_at_fmr(self.impostor, rate, float(min(self.genuine[0], self.impostor[0])))

    @property
    def auc(self) -> float:
        """Chance that a genuine pair scores above an impostor pair, ties counted half; 0..1."""
        return auroc(self.genuine, self.impostor)

    @property
    def eer(self) -> float:
        """Equal error rate: where FMR and FNMR cross, with straight lines between the thresholds there are; 0..1."""
        _, fmr, fnmr = self._curve()
        lead = fmr - fnmr  # falls from 1 at the lowest threshold to -1 above all scores
        behind = int(np.argmax(lead <= 0))
        share = lead[behind - 1] / (lead[behind - 1] - lead[behind])
        return float(fmr[behind - 1] + share * (fmr[behind] - fmr[behind - 1]))

    @property
    def balanced_accuracy(self) -> float:
        """Mean of the shares of genuine and impostor pairs told rightly, at the best threshold of these scores."""
        _, fmr, fnmr = self._curve()
        return float(1.0 - np.min(fmr + fnmr) / 2)

    @property
    def best_threshold(self) -> float:
        """The lowest threshold that reaches the balanced accuracy."""
        thresholds, fmr, fnmr = self._curve()
        return float(thresholds[np.argmin(fmr + fnmr)])

    def _curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        # Rates change only behind a score, so that the scores and one threshold above them all are all there is to try.
        scores = np.unique(np.concatenate([self.genuine, self.impostor]))
        thresholds = np.append(scores, math.nextafter(float(scores[-1]), math.inf))
        below = np.searchsorted(self.impostor, thresholds, side="left")
        fmr = (len(self.impostor) - below) / len(self.impostor)
        fnmr = np.searchsorted(self.genuine, thresholds, side="left") / len(self.genuine)
        return thresholds, fmr, fnmr


def threshold_at_fmr(impostor: NDArray[np.float64], rate: float, lowest: float = -1.0) -> float:
    """The smallest threshold whose false match rate is not above a rate; see `ErrorRates.threshold_at_fmr`.

    Args:
        impostor: (I,) float64, rising; at least one.
        rate: highest false match rate allowed, 0..1.
        lowest: answer where every impostor may match.
    """
    allowed = _most_within(rate, len(impostor))
    return (
        lowest if allowed == len(impostor) else math.nextafter(float(impostor[len(impostor) - 1 - allowed]), math.inf)
    )


def _most_within(rate: float, total: int) -> int:
    """The largest count whose share of the total is not above the rate, in the arithmetic of the rate's type."""
    near = math.floor(rate * total)
    # rate * total is rounded: 0.29 * 100 gives 28.999999999999996, and 29 of 100 are not above 0.29.
    return max(count for count in (near - 1, near, near + 1, 0) if 0 <= count <= total and count / total <= rate)
