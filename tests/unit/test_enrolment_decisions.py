"""A decision that is ruled out becomes a "not this person" reference: staged, recorded, told the fleet like others."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from doorward_daemon.app.decision_recall import DecisionRecall
from doorward_daemon.enrolment import EnrolmentDesk, FaceSources, Step
from doorward_daemon.enrolment.desk import ignore_step
from doorward_daemon.entry import DecisionMemory, DecisionMemorySettings
from doorward_daemon.errors import DoorwardError, ErrorReason
from doorward_daemon.gallery import FleetGallery
from doorward_daemon.journal.draft import EventDraft
from doorward_daemon.model.decided_face import DecisionKey
from doorward_daemon.model.decision import Candidate
from doorward_daemon.model.subject import ReferenceKind
from doorward_testing.enrolment_site import (
    CALIBRATION,
    SPACE,
    EnrolmentSite,
    judge_portrait,
    open_site,
    template_of,
)
from doorward_testing.fleet_centre import Centre, tombstone
from doorward_testing.gate_values import identification_of
from doorward_testing.journals import operations_in


class Gate:
    """A site whose journal has decisions about made-up people."""

    def __init__(self, site: EnrolmentSite, observe: Callable[[Step], None] = ignore_step) -> None:
        self.site = site
        self.memory = DecisionMemory(DecisionMemorySettings(), lambda name: site.gallery.index().holds(name))
        site.gallery.watch_erasures(self.memory.forget)
        recall = DecisionRecall(self.memory, site.journal, SPACE)
        faces = FaceSources(judge_portrait, recall)
        self.desk = EnrolmentDesk(site.gallery, faces, CALIBRATION, site.journal, None, observe)

    def decide(self, subject_id: str, person: int, shot: int = 9, space: str = SPACE) -> DecisionKey:
        """Names a person as a subject, on record."""
        payload = {"subject_id": subject_id, "embedding_id": space}
        event = self.site.journal.append(EventDraft("access.granted", payload))
        match = Candidate(subject_id, "", "reference-1", 0.7, 0.9)
        found = replace(
            identification_of(), match=match, candidates=(match,), template=template_of(person, shot, space)
        )
        self.memory.keep(event, found)
        return DecisionKey(event.key.seq, event.key.epoch)

    def refused(self, subject_id: str, decision: DecisionKey) -> ErrorReason:
        """Why a decision cannot be ruled out; nothing is left of the try."""
        before = (self.site.gallery.status(), self.site.gallery.unfinished())
        with pytest.raises(DoorwardError) as error:
            self.desk.rule_out_decision(self.site.request(), subject_id, decision)
        assert (self.site.gallery.status(), self.site.gallery.unfinished()) == before
        return error.value.reason


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        site.enrol("bert", 2)
        yield Gate(site)


def test_the_face_of_the_decision_is_what_the_subject_is_not(gate: Gate):
    recorded = operations_in(gate.site.journal)
    # Without an epoch the present one is meant.
    decision = DecisionKey(gate.decide("anna", 7).seq)
    said = gate.desk.rule_out_decision(gate.site.request(), "anna", decision)
    assert said.reference.kind is ReferenceKind.NEGATIVE
    index = gate.site.gallery.index()
    assert index.negatives_of("anna") == {said.reference.reference_id}
    found = {one.subject_id: one for one in index.search(template_of(7, 3).vector, 2)}
    assert found["anna"].negative_score is not None
    assert found["anna"].negative_score > 0.9
    assert operations_in(gate.site.journal) == recorded + 1


def test_it_goes_up_to_the_centre_as_every_reference_does(gate: Gate):
    fleet = FleetGallery(gate.site.gallery, nullcontext, lambda receipt: None)
    before = fleet.changes()[0]
    said = gate.desk.rule_out_decision(gate.site.request(), "anna", gate.decide("anna", 7))
    (sent,) = fleet.local_changes(before, 10)
    negative = {one.reference_id: one.negative for one in sent.subject.references}
    assert negative[said.reference.reference_id]


def test_a_repeated_request_is_answered_as_before_though_the_decision_is_forgotten(gate: Gate):
    request, decision = gate.site.request(), gate.decide("anna", 7)
    first = gate.desk.rule_out_decision(request, "anna", decision)
    gate.memory.forget("anna")
    again = gate.desk.rule_out_decision(request, "anna", decision)
    assert again.reference == first.reference
    assert len(gate.site.gallery.subject("anna").references) == 2


def test_every_reason_why_not_has_its_name(gate: Gate):
    decision = gate.decide("anna", 7)
    assert gate.refused("bert", decision) is ErrorReason.DECISION_OF_ANOTHER
    assert gate.refused("carl", decision) is ErrorReason.SUBJECT_NOT_FOUND
    assert gate.refused("anna", DecisionKey(decision.seq + 1)) is ErrorReason.EVENT_NOT_FOUND
    assert gate.refused("anna", DecisionKey(decision.seq + 1, decision.epoch)) is ErrorReason.EVENT_NOT_FOUND
    assert gate.refused("anna", DecisionKey(decision.seq, epoch=3)) is ErrorReason.EVENT_NOT_FOUND
    # The first event of the site is an enrolment.
    assert gate.refused("anna", DecisionKey(1)) is ErrorReason.EVENT_NOT_FOUND
    assert gate.refused("anna", gate.decide("anna", 7, space="another-space")) is ErrorReason.EMBEDDING_MISMATCH
    gate.memory.forget("anna")
    assert gate.refused("anna", decision) is ErrorReason.DECISION_FORGOTTEN


def test_a_decision_of_another_pack_is_known_by_its_record_after_a_restart(gate: Gate):
    decision = gate.decide("anna", 7, space="another-space")
    gate.memory.forget("anna")
    assert gate.refused("anna", decision) is ErrorReason.EMBEDDING_MISMATCH


def test_whom_the_centre_erases_is_forgotten_here_too(gate: Gate):
    decision = gate.decide("bert", 8)
    fleet = FleetGallery(gate.site.gallery, gate.desk.undisturbed, lambda receipt: None)
    assert fleet.apply(Centre().delta(tombstone("bert", 99))).problem == ""
    assert gate.memory.recall(decision) is None
    assert gate.memory.count == 0


def test_an_erasure_that_the_ledger_did_not_take_forgets_nobody(gate: Gate):
    decision = gate.decide("anna", 7)

    def erase_in_vain() -> None:
        with gate.site.gallery.writing(growing=False) as writing:
            writing.destroy_subject("anna")
            raise DoorwardError(ErrorReason.STORAGE_FULL, "no room")

    with pytest.raises(DoorwardError):
        erase_in_vain()
    assert gate.memory.recall(decision) is not None
