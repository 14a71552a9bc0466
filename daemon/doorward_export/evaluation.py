"""Figures of a pack's quality score on the photographs its head never saw, and how sure they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.tools.statistics import auroc, clopper_pearson_interval
from doorward_daemon.vision.degradation import REFUSED, DegradationKind
from doorward_daemon.vision.degradation.turn import MAX_YAW_DEG
from doorward_export.held_out import CopyScores, HeldOutScores, Scores
from doorward_export.recipe import SEEN_KINDS, UNSEEN_KINDS

_PROFILE_FROM = 45.0 / MAX_YAW_DEG
"""Severity of the suite's profile that is a turn of 45 degrees."""
_DRAWS = 200
_FEWEST_DRAWS = 40
Rows = TypeVar("Rows", Scores, CopyScores)
Figure = Callable[[HeldOutScores], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutReport:
    """What is printed."""

    pack: str
    counts: dict[str, int]
    """Number of samples: photos, copies, things."""
    figures: dict[str, float | None]
    """By name; None where there is nothing to count."""
    intervals: dict[str, tuple[float, float] | None]
    """95 % interval of each: photos are drawn anew, as copies of one photo are not independent."""

    def document(self) -> dict[str, object]:
        """The JSON document."""
        return {"pack": self.pack, **self.counts, **self.figures, "intervals": self.intervals}


def report_on(scores: HeldOutScores, draws: int = _DRAWS) -> HeldOutReport:
    """Works the figures out.

    Source of the intervals: percentile bootstrap (Efron, Ann. Stat. 7, 1979) over photos; Clopper-Pearson over rows for
    a share of none or all, of which no draw says anything.

    Args:
        scores: of the held-out photos.
        draws: samples of photos drawn for the intervals.
    """
    figures = {name: _value(figure, scores) for name, figure in FIGURES.items()}
    samples = [_drawn(scores, np.random.default_rng([0, draw])) for draw in range(draws)]
    intervals = {
        name: _interval(figures[name], [_value(figure, sample) for sample in samples], _rows_of(name, scores))
        for name, figure in FIGURES.items()
    }
    return HeldOutReport(pack=scores.pack, counts=_counts(scores), figures=figures, intervals=intervals)


def _value(figure: Figure, scores: HeldOutScores) -> float | None:
    try:
        return figure(scores)
    except ZeroDivisionError:
        return None


def _interval(value: float | None, drawn: Sequence[float | None], rows: int) -> tuple[float, float] | None:
    if value is None:
        return None
    if rows and value in (0.0, 1.0):
        return clopper_pearson_interval(round(value * rows), rows)
    known = [one for one in drawn if one is not None]
    if len(known) < _FEWEST_DRAWS:
        return None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def _drawn(scores: HeldOutScores, rng: np.random.Generator) -> HeldOutScores:
    """The same with photos drawn anew, masked ones and others each among themselves."""
    rows = (scores.clean, scores.copies, scores.things)
    number = 1 + max(int(part.photo.max(initial=-1)) for part in rows)
    bare = np.bincount(rng.integers(number, size=number), minlength=number)
    masks = 1 + int(scores.masked.photo.max(initial=-1))
    masked = np.bincount(rng.integers(max(1, masks), size=masks), minlength=masks)
    return replace(
        scores,
        clean=_repeated(scores.clean, bare),
        copies=_repeated(scores.copies, bare),
        things=_repeated(scores.things, bare),
        masked=_repeated(scores.masked, masked),
    )


def _repeated(rows: Rows, times: NDArray[np.intp]) -> Rows:
    chosen = np.repeat(np.arange(len(rows.photo)), times[rows.photo])
    return replace(rows, **{name: getattr(rows, name)[chosen] for name in rows.__dataclass_fields__})


def _sides(scores: HeldOutScores, kinds: Sequence[str], refused: Sequence[str]) -> tuple[NDArray[np.float64], ...]:
    copies = scores.copies
    among = np.isin(copies.kind, [str(kind) for kind in kinds])
    good = among & (copies.cosine >= scores.kept) & ~np.isin(copies.kind, [str(kind) for kind in refused])
    return copies.score[good], copies.score[among & (copies.cosine < scores.lost)]


def _auroc(kinds: Sequence[str], refused: Sequence[str] = REFUSED) -> Figure:
    def figure(scores: HeldOutScores) -> float:
        good, bad = _sides(scores, kinds, refused)
        if not (len(good) and len(bad)):
            raise ZeroDivisionError
        return auroc(good, bad)

    return figure


def _share(rows: Callable[[HeldOutScores], NDArray[np.float64]], limit: float, *, below: bool = False) -> Figure:
    def figure(scores: HeldOutScores) -> float:
        found = rows(scores)
        passed = int((found < limit).sum() if below else (found >= limit).sum())
        return passed / len(found)

    return figure


def _profiles(scores: HeldOutScores) -> NDArray[np.float64]:
    copies = scores.copies
    is_turned = np.isin(copies.kind, str(DegradationKind.PROFILE)) & (copies.severity >= _PROFILE_FROM)
    return copies.score[is_turned]


_ALL = tuple(DegradationKind)
_ROWS: dict[str, Callable[[HeldOutScores], NDArray[np.float64]]] = {
    "clean": lambda scores: scores.clean.score,
    "masked": lambda scores: scores.masked.score,
    "non_faces": lambda scores: scores.things.score,
    "kept": lambda scores: _sides(scores, _ALL, REFUSED)[0],
    "lost": lambda scores: _sides(scores, _ALL, ())[1],
    "profiles": _profiles,
    "masks_told": lambda scores: scores.masked.mask,
    "bare_told": lambda scores: scores.clean.mask,
}
FIGURES: dict[str, Figure] = {
    "auroc_seen": _auroc(SEEN_KINDS),
    "auroc_unseen": _auroc(UNSEEN_KINDS),
    # Copies that wear a mask or are drawn count as good where the embedding keeps them.
    "auroc_seen_strict": _auroc(SEEN_KINDS, ()),
    "clean_from_06": _share(_ROWS["clean"], 0.6),
    "clean_from_08": _share(_ROWS["clean"], 0.8),
    "masked_from_08": _share(_ROWS["masked"], 0.8),
    "masked_from_04": _share(_ROWS["masked"], 0.4),
    "non_faces_below_04": _share(_ROWS["non_faces"], 0.4, below=True),
    "lost_from_04": _share(_ROWS["lost"], 0.4),
    "kept_from_04": _share(_ROWS["kept"], 0.4),
    "profiles_from_08": _share(_ROWS["profiles"], 0.8),
    "masks_told": _share(_ROWS["masks_told"], 0.5),
    "bare_told": _share(_ROWS["bare_told"], 0.5, below=True),
    **{f"auroc_{kind.lower()}": _auroc((kind,), ()) for kind in DegradationKind},
}
"""What is measured; `profiles` are copies turned by 45 degrees or more, kinds are judged strictly by cosine."""


def _rows_of(name: str, scores: HeldOutScores) -> int:
    """How many rows a share is counted over; 0 for what is no share."""
    for group, rows in _ROWS.items():
        if name == group or name.startswith((f"{group}_from", f"{group}_below")):
            return len(rows(scores))
    return 0


def _counts(scores: HeldOutScores) -> dict[str, int]:
    sides = {
        f"n_{name}": _sides(scores, kinds, REFUSED) for name, kinds in (("seen", SEEN_KINDS), ("unseen", UNSEEN_KINDS))
    }
    return {
        "n_photos": len(scores.clean),
        "n_masked": len(scores.masked),
        "n_non_faces": len(scores.things),
        "n_profiles": len(_profiles(scores)),
        **{
            f"{name}_{side}": len(rows)
            for name, pair in sides.items()
            for side, rows in zip(("kept", "lost"), pair, strict=True)
        },
    }
