"""A face that changes identity inside one track: nothing of two persons is fused, and no identity is handed on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward_daemon.gate_loop import LikenessLimits, TrackDecision
from doorward_daemon.model.decision import DecisionRule, Outcome
from doorward_daemon.model.quality import QualityBand
from doorward_testing.enrolment_site import CALIBRATION, template_of
from doorward_testing.scripted_faces import ScriptedGate, blend, open_scripted_gate

HIGH, MEDIUM, LOW = QualityBand.HIGH, QualityBand.MEDIUM, QualityBand.LOW
ANNA, BERT, STRANGER = template_of(1), template_of(2), template_of(9)
SECOND = 30
"""Frames of a second."""


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[ScriptedGate]:
    with open_scripted_gate(tmp_path) as opened:
        yield opened


def named(decisions: list[TrackDecision]) -> list[tuple[int, str]]:
    """Track and subject of each decision; empty for nobody."""
    return [
        (one.track_id, one.identification.match.subject_id if one.identification.match else "") for one in decisions
    ]


@pytest.mark.parametrize("likeness", [0.0, 0.3, 0.55])
def test_looks_at_two_persons_are_never_fused_however_alike_they_are(gate: ScriptedGate, likeness: float):
    second = blend(ANNA, BERT, likeness)
    assert gate.show(ANNA)[0] == []
    # One medium look of each would be evidence enough.
    assert gate.show(second)[0] == []
    (decision,) = gate.show(second)[0]
    why = decision.identification.explanation
    assert (decision.track_id, why.frames_used, why.follows_track) == (2, 2, 1)
    assert decision.identification.template is not None
    assert float(decision.identification.template.vector @ second.vector) > 0.999
    assert gate.splits == 1


def test_looks_at_one_person_are_fused_though_one_was_poor(gate: ScriptedGate):
    gate.show(ANNA)
    gate.show(BERT, LOW)
    (decision,) = gate.show(template_of(1, 4))[0]
    assert (decision.track_id, decision.identification.explanation.follows_track) == (1, 0)
    assert (named([decision]), gate.splits) == ([(1, "anna")], 0)


def test_who_was_replaced_before_a_decision_is_on_record_as_that(gate: ScriptedGate):
    gate.show(ANNA)
    gate.show(ANNA, LOW, frames=12)
    (gone,) = gate.show(BERT)[0]
    found = gone.identification
    assert (gone.track_id, found.outcome, found.match) == (1, Outcome.LOW_QUALITY, None)
    assert found.explanation.rule is DecisionRule.IDENTITY_CHANGED
    assert found.explanation.gates_passed == ("detect", "pre_gate", "gate", "liveness")


def test_somebody_clearly_else_gets_a_decision_of_their_own(gate: ScriptedGate):
    assert named(gate.show(ANNA, HIGH)[0]) == [(1, "anna")]
    decided, view = gate.show(BERT, HIGH, frames=SECOND + 2)
    assert named(decided) == [(2, "bert")]
    assert decided[0].identification.explanation.follows_track == 1
    assert view.tracks[0].subject_id == "bert"


def test_somebody_who_jumps_into_the_place_is_looked_at_in_that_very_frame(gate: ScriptedGate):
    gate.show(ANNA, HIGH)
    assert gate.show(ANNA, HIGH)[1].tracks[0].subject_id == "anna"
    decided, view = gate.show(BERT, HIGH, left_px=130.0)
    assert named(decided) == [(2, "bert")]
    assert view.tracks[0].subject_id == "bert"


def test_a_stranger_in_the_place_of_a_subject_is_not_named_at_once_and_decided_about_with_the_second_look(
    gate: ScriptedGate,
):
    gate.show(ANNA, HIGH)
    decided, view = gate.show(STRANGER, HIGH, left_px=130.0)
    assert (decided, view.tracks[0].subject_id) == ([], "")
    (decision,) = gate.show(STRANGER, HIGH, frames=SECOND + 1, left_px=130.0)[0]
    found = decision.identification
    assert (decision.track_id, found.outcome, found.explanation.follows_track) == (2, Outcome.UNKNOWN, 1)


def test_one_look_in_another_pose_splits_nobody(gate: ScriptedGate):
    gate.show(ANNA, HIGH, frames=SECOND)
    gate.show(template_of(8), HIGH, frames=10)
    decided, view = gate.show(ANNA, HIGH, frames=2 * SECOND)
    assert (decided, gate.splits, view.tracks[0].subject_id) == ([], 0, "anna")


def test_who_was_turned_away_is_considered_anew_in_another_pose_as_the_same_person(gate: ScriptedGate):
    gate.show(STRANGER, HIGH)
    decided, _ = gate.show(blend(STRANGER, template_of(8), 0.4), HIGH, frames=4 * SECOND)
    assert [track for track, _ in named(decided)] == [1]
    assert gate.splits == 0


def test_a_still_face_that_was_decided_about_is_looked_at_once_a_second(gate: ScriptedGate):
    gate.show(ANNA, HIGH, frames=3 * SECOND)
    assert gate.scene.looks == 3


def test_while_it_is_in_doubt_who_stands_there_nobody_is_named_and_nothing_is_on_record(gate: ScriptedGate):
    gate.show(ANNA, HIGH)
    gate.identifier.let_in(1)
    doubtful = blend(ANNA, STRANGER, 0.35)
    decided, view = gate.show(doubtful, frames=4 * SECOND)
    (track,) = view.tracks
    assert (decided, gate.splits) == ([], 0)
    assert (track.track_id, track.subject_id, track.outcome, track.let_in) == (1, "", None, False)


def test_a_doubt_ends_when_the_person_is_seen_well_again_and_the_door_is_not_asked_twice(gate: ScriptedGate):
    gate.show(ANNA, HIGH)
    gate.identifier.let_in(1)
    assert gate.show(blend(ANNA, STRANGER, 0.35), frames=2 * SECOND)[1].tracks[0].subject_id == ""
    decided, view = gate.show(ANNA, HIGH, frames=4 * SECOND)
    assert (decided, gate.splits) == ([], 0)
    assert (view.tracks[0].subject_id, view.tracks[0].let_in) == ("anna", True)


def test_a_doubt_ends_when_the_gallery_knows_the_person_in_another_pose(gate: ScriptedGate):
    # Doubtful against the look she was decided by, and near enough to her reference.
    gate.show(blend(ANNA, STRANGER, 0.75), HIGH)
    other_pose = blend(ANNA, template_of(5), 0.7)
    decided, view = gate.show(other_pose, frames=2 * SECOND)
    assert (decided, gate.splits) == ([], 0)
    assert view.tracks[0].subject_id == "anna"


def test_who_was_not_seen_well_for_seconds_is_not_named_until_seen_well_again(gate: ScriptedGate):
    gate.show(ANNA, HIGH)
    assert gate.show(BERT, LOW, frames=2 * SECOND)[1].tracks[0].subject_id == "anna"
    assert gate.show(BERT, LOW, frames=3 * SECOND)[1].tracks[0].subject_id == ""
    decided, view = gate.show(ANNA, MEDIUM, frames=2 * SECOND)
    assert (decided, view.tracks[0].subject_id, gate.splits) == ([], "anna", 0)


def test_a_second_subject_who_resembles_the_first_gets_a_decision_of_their_own(gate: ScriptedGate):
    gate.show(ANNA, HIGH)
    alike = blend(ANNA, BERT, 0.35)
    decided, view = gate.show(alike, frames=2 * SECOND)
    assert named(decided) == [(2, "bert")]
    assert decided[0].identification.explanation.follows_track == 1
    assert (view.tracks[0].track_id, view.tracks[0].subject_id) == (2, "bert")


def test_a_doubtful_look_does_not_become_what_the_next_ones_are_held_against(gate: ScriptedGate):
    gate.show(ANNA, HIGH)
    doubtful = blend(ANNA, STRANGER, 0.35)
    gate.show(doubtful, frames=2 * SECOND)
    # As near to the doubtful looks as those are to her, and not near to her at all.
    further = blend(doubtful, template_of(7), 0.35)
    decided, _ = gate.show(further, HIGH, frames=4 * SECOND)
    assert [found for _, found in named(decided)] == [""]
    assert gate.splits == 1


def test_the_limits_are_read_off_the_packs_calibration_unless_the_operator_sets_one():
    found = LikenessLimits.of(CALIBRATION, None)
    assert (found.same_score, found.other_score, found.asked_score) == (0.5, 0.3, 0.3)
    wanted = LikenessLimits.of(CALIBRATION, 0.2)
    assert (wanted.same_score, wanted.other_score, wanted.asked_score) == (0.2, 0.2, 0.2)


def test_a_third_person_on_a_doubted_track_adds_nothing_to_the_evidence_of_the_second(gate: ScriptedGate):
    # Nobody was recognised, so the first one is no name to lose: the doubt is about the second one all the same.
    gate.show(STRANGER, HIGH)
    while gate.scene.looks < 2:
        gate.show(ANNA)
    decided, view = gate.show(blend(STRANGER, template_of(8), 0.4), frames=2 * SECOND)
    assert [subject for _, subject in named(decided) if subject] == []
    assert view.tracks[0].subject_id == ""


def test_who_stands_behind_others_and_is_not_looked_at_for_seconds_is_not_named(gate: ScriptedGate):
    assert named(gate.show(ANNA, HIGH)[0]) == [(1, "anna")]
    gate.scene.larger = 2
    _, view = gate.show(STRANGER, HIGH, frames=5 * SECOND)
    (behind,) = [track for track in view.tracks if track.track_id == 1]
    assert behind.subject_id == ""
