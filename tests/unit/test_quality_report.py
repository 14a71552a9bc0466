"""The report on a quality head: figures, how sure they are, and what is too little."""

from dataclasses import replace

import numpy as np
import pytest

from doorward_daemon.errors import Conflict
from doorward_export.evaluation import HeldOutReport, report_on
from doorward_export.floors import CEILINGS, FLOORS, check_floors
from doorward_export.held_out import CopyScores, HeldOutScores, Scores
from doorward_export.split import split


def rows(scores: list[float], masks: float = 0.0) -> Scores:
    return Scores(np.arange(len(scores)), np.array(scores), np.full(len(scores), masks))


def held_out(photos: int = 40) -> HeldOutScores:
    """Every photo has a copy that kept it and scores 0.9, one that lost it, and one turned by 64 degrees."""
    photo = np.repeat(np.arange(photos), 3)
    lost = np.where(np.arange(photos) % 4 == 0, 0.95, 0.1)
    copies = CopyScores(
        photo=photo,
        score=np.stack([np.full(photos, 0.9), lost, np.full(photos, 0.5)], axis=1).ravel(),
        cosine=np.tile([0.8, 0.1, 0.4], photos),
        kind=np.tile(["NOISE", "NOISE", "PROFILE"], photos),
        severity=np.tile([0.2, 1.0, 0.8], photos),
    )
    return HeldOutScores(
        pack="compact",
        lost=0.3,
        kept=0.5,
        clean=rows([0.7] * 39 + [0.3]),
        masked=rows([0.1] * 20, masks=0.9),
        copies=copies,
        things=rows([0.0] * 10),
    )


def test_figures_are_counted_as_named():
    report = report_on(held_out())
    assert report.figures["auroc_noise"] == pytest.approx(0.75)
    assert report.figures["clean_from_06"] == pytest.approx(39 / 40)
    assert report.figures["lost_from_04"] == pytest.approx(0.25)
    assert (report.figures["profiles_from_08"], report.counts["n_profiles"]) == (0.0, 40)
    assert (report.figures["masks_told"], report.figures["bare_told"]) == (1.0, 1.0)
    assert report.figures["auroc_haze"] is None
    assert (report.counts["n_seen_kept"], report.counts["n_seen_lost"]) == (40, 40)


def test_intervals_hold_the_figure_and_a_share_of_none_is_not_called_certain():
    report = report_on(held_out())
    low, high = report.intervals["auroc_noise"] or (1.0, 0.0)
    assert low < 0.75 < high
    # None of 20: 1 - 0.025 ** (1 / 20).
    assert report.intervals["masked_from_04"] == (0.0, pytest.approx(0.1684, abs=1e-3))


def test_copies_of_one_photo_count_as_one_draw():
    """The same copies as those of four photos instead of forty leave the figure as it is and make it less sure."""
    many = held_out()
    few = replace(many, copies=replace(many.copies, photo=many.copies.photo % 4))
    wide, narrow = (report_on(scores) for scores in (few, many))
    assert wide.figures == narrow.figures
    (low, high), (inner_low, inner_high) = wide.intervals["lost_from_04"], narrow.intervals["lost_from_04"]
    assert high - low > 1.5 * (inner_high - inner_low)


def perfect(pack: str) -> HeldOutReport:
    figures: dict[str, float | None] = dict.fromkeys(FLOORS[pack], 1.0) | dict.fromkeys(CEILINGS[pack], 0.0)
    return HeldOutReport(pack=pack, counts={}, figures=figures, intervals={})


@pytest.mark.parametrize("pack", ["compact", "starter"])
def test_a_head_below_a_floor_or_above_a_ceiling_is_refused_by_name(pack):
    check_floors(perfect(pack))
    for name, value in [(next(iter(FLOORS[pack])), 0.5), (next(iter(CEILINGS[pack])), 0.5), ("clean_from_06", None)]:
        report = perfect(pack)
        with pytest.raises(Conflict, match=name):
            check_floors(replace(report, figures=report.figures | {name: value}))


def test_look_alikes_share_a_part_and_a_chain_of_too_many_is_trained_on():
    rng = np.random.default_rng(0)
    people = rng.normal(size=(30, 64))
    vectors = np.concatenate([people, people + 0.05 * rng.normal(size=people.shape)])
    crowd = rng.normal(size=64) + 0.05 * rng.normal(size=(80, 64))
    vectors = np.concatenate([vectors, crowd])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = [f"unmasked/{number:03}.jpg" for number in range(len(vectors))]
    parts = split(names, vectors.astype(np.float32))
    assert all(parts[names[number]] == parts[names[number + 30]] for number in range(30))
    assert set(parts.values()) == {"train", "choose", "held_out"}
    assert {parts[name] for name in names[60:]} == {"train"}
