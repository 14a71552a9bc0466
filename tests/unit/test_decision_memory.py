"""The faces of decisions are remembered for some minutes: how long, how many, whose, and when they are forgotten."""

from dataclasses import replace

import pytest

from doorward_daemon.entry import DecisionMemory, DecisionMemorySettings
from doorward_daemon.journal.draft import EventDraft
from doorward_daemon.model.decided_face import DecisionKey
from doorward_daemon.model.decision import Candidate, Identification, Outcome
from doorward_sync.event import Event
from doorward_testing.gate_site import HandClock, NotebookRecorder
from doorward_testing.gate_values import identification_of, template_at


class Hall:
    """A memory beside a recorder, with two enrolled people."""

    def __init__(self, **settings: float) -> None:
        self.clock = HandClock()
        self.enrolled = {"subject-1", "subject-2"}
        self.recorder = NotebookRecorder()
        chosen = DecisionMemorySettings(**settings)  # type: ignore[arg-type] - numbers as they come from a file
        self.memory = DecisionMemory(chosen, self.enrolled.__contains__, self.clock)

    def decide(self, found: Identification) -> DecisionKey:
        """Records a decision, and has it remembered."""
        event = self.recorder.append(EventDraft("access.granted", {}))
        self.memory.keep(event, found)
        return key_of(event)


def key_of(event: Event) -> DecisionKey:
    return DecisionKey(event.key.seq, event.key.epoch)


def decision(outcome: Outcome = Outcome.MATCHED, **scores: float) -> Identification:
    """A decision at threshold 0.4 and margin 0.05; `subject_1=0.7` is a candidate with its score."""
    candidates = tuple(
        Candidate(name.replace("_", "-"), "", "reference-1", score, 0.5) for name, score in scores.items()
    )
    found = replace(identification_of(outcome), candidates=candidates, template=template_at(10.0))
    return replace(found, match=candidates[0] if outcome is Outcome.MATCHED else None)


def test_who_was_named_is_remembered_with_the_template_it_was_decided_on():
    hall = Hall()
    face = hall.memory.recall(hall.decide(decision(subject_1=0.7)))
    assert face is not None
    assert (face.subject_id, face.resembled) == ("subject-1", {"subject-1"})
    assert face.template.vector.tolist() == template_at(10.0).vector.tolist()


def test_of_an_ambiguous_decision_everybody_who_was_nearly_named_is_remembered():
    hall = Hall()
    face = hall.memory.recall(hall.decide(decision(Outcome.AMBIGUOUS, subject_1=0.42, subject_2=0.39, subject_3=0.2)))
    assert face is not None
    assert (face.subject_id, face.resembled) == ("", {"subject-1", "subject-2"})


@pytest.mark.parametrize(
    "found",
    [decision(Outcome.UNKNOWN, subject_1=0.39), identification_of(Outcome.MATCHED), decision(Outcome.UNKNOWN)],
    ids=["nobody-reached-the-threshold", "nothing-was-compared", "nobody-is-enrolled"],
)
def test_a_face_that_resembled_nobody_enough_is_not_kept(found: Identification):
    hall = Hall()
    assert hall.memory.recall(hall.decide(found)) is None
    assert hall.memory.count == 0


def test_a_face_is_forgotten_when_its_minutes_are_over_though_nobody_asks():
    hall = Hall(keep_min=10.0)
    key = hall.decide(decision(subject_1=0.7))
    hall.clock.pass_s(599.9)
    assert hall.memory.recall(key) is not None
    hall.clock.pass_s(0.2)
    hall.memory.forget_old()
    assert not hall.memory._kept
    assert hall.memory.recall(key) is None


def test_of_too_many_the_oldest_are_forgotten():
    hall = Hall(max_decisions=3)
    keys = [hall.decide(decision(subject_1=0.7)) for _ in range(5)]
    assert [hall.memory.recall(key) is not None for key in keys] == [False, False, True, True, True]


@pytest.mark.parametrize("settings", [{"keep_min": 0.0}, {"max_decisions": 0}])
def test_where_it_is_off_nothing_is_kept(settings: dict[str, float]):
    hall = Hall(**settings)
    assert hall.memory.recall(hall.decide(decision(subject_1=0.7))) is None
    assert hall.memory.count == 0


def test_what_resembled_an_erased_subject_is_forgotten_and_nothing_else():
    hall = Hall()
    named, nearly, other = (
        hall.decide(found)
        for found in (
            decision(subject_1=0.7),
            decision(Outcome.AMBIGUOUS, subject_2=0.42, subject_1=0.41),
            decision(subject_2=0.7),
        )
    )
    hall.memory.forget("subject-1")
    assert [hall.memory.recall(key) is not None for key in (named, nearly, other)] == [False, False, True]


def test_a_decision_that_was_taken_before_an_erasure_and_recorded_after_it_is_not_kept():
    hall = Hall()
    hall.enrolled.discard("subject-1")
    hall.memory.forget("subject-1")
    assert hall.memory.recall(hall.decide(decision(subject_1=0.7))) is None


def test_a_face_does_not_show_its_template_in_a_log():
    assert "template" not in repr(decision(subject_1=0.7))
