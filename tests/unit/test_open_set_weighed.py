"""The open-set rule weighs how crowded a face is, and how close a "not this person" reference comes."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from doorward_daemon.identity import GallerySize, OpenSetRule, OpenSetSettings, SubjectScore
from doorward_daemon.model.decision import DecisionRule, Outcome
from doorward_testing.enrolment_site import CALIBRATION

SCORES = st.floats(-1.0, 1.0, width=32)


def rule(**settings: float) -> OpenSetRule:
    return OpenSetRule(CALIBRATION, OpenSetSettings(**{"target_fpir": 0.01, **settings}))


def size(subjects: int) -> GallerySize:
    """A gallery with one reference per subject."""
    return GallerySize(subjects, subjects)


def scores(*values: float) -> list[SubjectScore]:
    return [SubjectScore(f"subject-{place}", "r", value) for place, value in enumerate(values)]


CROWDED = replace(CALIBRATION, crowding_normal=0.2)
CANDIDATES = st.lists(
    st.builds(
        SubjectScore,
        st.sampled_from("abcdef"),
        st.just("r"),
        SCORES,
        st.floats(-1.0, 1.0, width=32),
        st.none() | SCORES,
    ),
    max_size=12,
    unique_by=lambda one: one.subject_id,
)


def crowded_rule(**settings: float) -> OpenSetRule:
    return OpenSetRule(CROWDED, OpenSetSettings(target_fpir=0.01, **settings))


def candidate(name: str, score: float, crowding: float = -1.0, negative: float | None = None) -> SubjectScore:
    return SubjectScore(name, "r", score, crowding, negative)


def test_a_face_that_resembles_many_people_needs_as_much_more_as_it_is_crowded():
    decision = crowded_rule().decide([candidate("a", 0.55, crowding=0.4)], size(1))
    assert (decision.outcome, decision.rule) == (Outcome.UNKNOWN, DecisionRule.BELOW_THRESHOLD)
    assert decision.threshold == pytest.approx(0.6)
    assert crowded_rule().decide([candidate("a", 0.61, crowding=0.4)], size(1)).outcome is Outcome.MATCHED


def test_up_to_the_normal_crowding_the_threshold_stays():
    decision = crowded_rule().decide([candidate("a", 0.4, crowding=0.2)], size(1))
    assert (decision.outcome, decision.threshold) == (Outcome.MATCHED, 0.4)


def test_a_threshold_set_by_the_operator_is_taken_as_it_stands():
    assert crowded_rule(threshold=0.5).decide([candidate("a", 0.5, crowding=0.9)], size(1)).outcome is Outcome.MATCHED


def test_every_reference_counts_as_a_chance_of_a_false_match():
    assert (
        rule().threshold_for(GallerySize(10, 100)) == rule().threshold_for(size(100)) > rule().threshold_for(size(10))
    )


def test_the_least_threshold_of_a_search_holds_for_the_smallest_gallery_and_not_for_a_verification():
    strict = OpenSetRule(replace(CALIBRATION, search_threshold=0.45), OpenSetSettings(target_fpir=0.01))
    assert strict.threshold_for(size(1)) == 0.45
    assert strict.verification_threshold == 0.4


def test_a_probe_closer_to_a_negative_reference_is_not_that_person():
    decision = rule().decide([candidate("a", 0.7, negative=0.71)], size(1))
    assert (decision.outcome, decision.rule) == (Outcome.UNKNOWN, DecisionRule.NOT_THIS_PERSON)


def test_a_probe_within_the_margin_of_a_negative_reference_is_ambiguous():
    decision = rule().decide([candidate("a", 0.7, negative=0.68)], size(1))
    assert (decision.outcome, decision.rule) == (Outcome.AMBIGUOUS, DecisionRule.BELOW_MARGIN)
    assert decision.margin_found == pytest.approx(0.02)


def test_a_probe_far_from_the_negative_reference_is_named_as_ever():
    assert rule().decide([candidate("a", 0.7, negative=0.5)], size(1)).subject_id == "a"


def test_a_negative_reference_below_the_threshold_leaves_a_stranger_a_plain_stranger():
    decision = rule().decide([candidate("a", 0.2, negative=0.3)], size(1))
    assert decision.rule is DecisionRule.BELOW_THRESHOLD


def test_the_look_alike_who_is_enrolled_is_named_once_the_other_is_ruled_out():
    ranked = [candidate("twin", 0.72), candidate("a", 0.7, negative=0.9)]
    assert rule().decide(ranked, size(2)).subject_id == "twin"
    assert rule().decide([candidate("twin", 0.72), candidate("a", 0.7)], size(2)).outcome is Outcome.AMBIGUOUS


def test_who_comes_after_the_one_that_is_ruled_out_is_not_named_instead():
    ranked = [candidate("a", 0.8, negative=0.9), candidate("b", 0.6)]
    assert rule().decide(ranked, size(2)).rule is DecisionRule.NOT_THIS_PERSON


def test_two_equal_scores_name_nobody_even_without_a_margin():
    assert rule(margin=0.0).decide(scores(0.9, 0.9), size(2)).outcome is Outcome.AMBIGUOUS


def test_a_negative_score_that_is_no_number_rules_out():
    assert rule().decide([candidate("a", 0.9, negative=math.nan)], size(1)).outcome is Outcome.UNKNOWN


@given(CANDIDATES, st.integers(0, 6))
def test_whoever_is_named_passed_every_part_of_the_rule(ranked: list[SubjectScore], subjects: int):
    decision = crowded_rule().decide(ranked, size(subjects))
    if decision.outcome is not Outcome.MATCHED:
        assert decision.subject_id == ""
        return
    named = next(one for one in ranked if one.subject_id == decision.subject_id)
    assert named.score >= decision.threshold >= crowded_rule().threshold_for(size(subjects))
    assert decision.threshold >= min(1.0, crowded_rule().threshold_for(size(subjects)) + named.crowding - 0.2)
    assert named.negative_score is None or named.score - named.negative_score >= decision.margin_needed
    others = [one for one in ranked if one is not named]
    assert all(named.score >= one.score for one in others)
    free = [one for one in others if one.negative_score is None or one.negative_score < one.score]
    assert all(named.score - one.score >= decision.margin_needed for one in free)


@given(CANDIDATES, st.integers(1, 6), SCORES)
def test_a_negative_reference_never_makes_anybody_named_who_was_closest_before(ranked, subjects, negative):
    assume(ranked)
    closest = max(ranked, key=lambda one: one.score)
    assume([one.score for one in ranked].count(closest.score) == 1)
    before = crowded_rule().decide([replace(closest, negative_score=None)], size(subjects))
    after = crowded_rule().decide([replace(closest, negative_score=negative)], size(subjects))
    assert after.outcome is not Outcome.MATCHED or before.outcome is not Outcome.UNKNOWN


@given(CANDIDATES, st.randoms())
def test_the_order_of_weighed_candidates_does_not_matter(ranked, random):
    shuffled = list(ranked)
    random.shuffle(shuffled)
    assert crowded_rule().decide(ranked, size(6)) == crowded_rule().decide(shuffled, size(6))
