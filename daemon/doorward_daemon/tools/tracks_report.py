"""What `doorwardd eval tracks` reports; the fields are the keys of its JSON document."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gate_loop import LikenessLimits
from doorward_daemon.tools.statistics import wilson_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of comparisons that would go wrong."""

    share: float | None
    """0..1; None where there was nothing to compare."""
    low: float | None
    """Lower end of its 95 % interval; comparisons that share a photo count as independent."""
    high: float | None
    """Upper end."""

    @classmethod
    def of(cls, wrong: NDArray[np.bool_]) -> "Share":
        """Counts what went wrong."""
        if not len(wrong):
            return cls(share=None, low=None, high=None)
        low, high = wilson_interval(int(wrong.sum()), len(wrong))
        return cls(share=float(wrong.mean()), low=low, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreReport:
    """Scores of one kind of comparison, and what the limits make of them."""

    n: int
    """Comparisons."""
    quantiles: dict[str, float]
    """min, p1, p50, p99, max; empty where there are none."""
    wrong_at_same: Share
    """Two persons: share at or above `same_score` (fused). One person: share below (split, or in doubt)."""
    wrong_at_other: Share
    """The same at `other_score`, which splits tracks that were decided about."""

    @classmethod
    def of(cls, scores: NDArray[np.float64], limits: LikenessLimits, *, one_person: bool) -> "ScoreReport":
        """Reports on scores."""
        points = (("min", 0), ("p1", 1), ("p50", 50), ("p99", 99), ("max", 100))
        at_same, at_other = scores >= limits.same_score, scores >= limits.other_score
        return cls(
            n=len(scores),
            quantiles={name: round(float(np.percentile(scores, at)), 4) for name, at in points} if len(scores) else {},
            wrong_at_same=Share.of(~at_same if one_person else at_same),
            wrong_at_other=Share.of(~at_other if one_person else at_other),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmReport:
    """What a gate made of one film."""

    film: str
    """The file, or `demo`."""
    frames: int
    """Frames of it."""
    tracks: int
    """Tracks, those that were split off included."""
    splits: tuple[int, ...]
    """Frames, from 0, in which a gate as it is in service found somebody else in a place."""
    splits_each_frame: tuple[int, ...]
    """The same for a gate that looks at everybody in each frame."""
    a_frame_apart: ScoreReport
    """Good looks at one track in two frames in a row."""
    a_second_apart: ScoreReport
    """Good looks at one track a second apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracksReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    same_score: float
    """From here on two looks show one person."""
    other_score: float
    """Below, a look shows somebody else than the one a track was decided about."""
    n_images: int
    """Photos in the folders."""
    n_good: int
    """Photos good enough to count as a look, band high or medium."""
    two_persons: ScoreReport
    """Good photos of two persons of DIR: changes that are missed."""
    portraits: ScoreReport | None
    """Good portraits of other people, each another person; pairs above the median of one person's are left out."""
    one_person: ScoreReport
    """Good photos of one person, of different days: far apart for looks at one track."""
    films: tuple[FilmReport, ...]
    """What a gate made of each film."""
