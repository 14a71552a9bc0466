"""Carries out what a delta of the centre decides, inside one transaction of the gallery."""

import logging
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace

from doorward_daemon.gallery.fleet_records import reference_of
from doorward_daemon.gallery.fleet_row import FleetReceipt, FleetRow
from doorward_daemon.gallery.operation import OperationKind
from doorward_daemon.gallery.search_index import SearchIndex
from doorward_daemon.gallery.writing import GalleryWriting
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, ReferenceRecord, SubjectRecord
from doorward_sync.gallery_state import DeltaHead, DeltaPlan, GivenSubject, judge_delta, plan_delta, winner

_LOG = logging.getLogger(__name__)
_SUBJECT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class FleetMerge:
    """One delta in one transaction. What cannot be stored is left out and said in the log: one broken reference must
    keep no erasure from happening.

    Args:
        writing: the transaction.
        index: what is searched before it.
    """

    def __init__(self, writing: GalleryWriting, index: SearchIndex) -> None:
        self._writing = writing
        self._fleet = writing.tables.fleet
        self._space = index.embedding_id
        self._numbers = index.rows.dimension if index.references else 0
        self._revision = 0
        self._op_id = str(uuid.uuid4())
        self._rows: dict[str, FleetRow | None] = {}

    def take(self, delta: GalleryDelta) -> GalleryDeltaResult:
        """Does all of it, or nothing where it does not fit.

        Returns:
            How it was taken, for the centre.
        """
        revision, digest = self._fleet.state()
        plan = plan_delta(revision, digest, delta, self._given, self._fleet.given_ids)
        return self._carry_out(delta, plan, delta.subjects)

    def take_staged(
        self, head: DeltaHead, named: Mapping[str, GivenSubject], subjects: Iterable[SubjectRecord]
    ) -> GalleryDeltaResult:
        """Does all of a delta that is not in memory, or nothing where it does not fit.

        Args:
            head: what is said of it.
            named: its subjects.
            subjects: all of them, each once; read once, and not before it is decided that they are taken.

        Returns:
            How it was taken, for the centre.
        """
        revision, digest = self._fleet.state()
        plan = judge_delta(revision, digest, head, named, self._given, self._fleet.given_ids)
        return self._carry_out(head, plan, subjects)

    def _carry_out(self, head: DeltaHead, plan: DeltaPlan, subjects: Iterable[SubjectRecord]) -> GalleryDeltaResult:
        if plan.result.problem or not plan.result.digest_agreed:
            return plan.result
        self._revision = plan.result.revision
        # Who leaves goes first: their references make room.
        for subject_id in plan.vanished:
            self._lose(subject_id)
        for subject_id, given in plan.named.items():
            if given.erased:
                self._take_subject(SubjectRecord(subject_id=subject_id, version=given.version, erased=True), given)
        for subject in subjects:
            if not subject.erased:
                self._take_subject(subject, plan.named[subject.subject_id])
        self._fleet.set_state(plan.result.revision, plan.digest)
        if head.snapshot:
            self._writing.last_change = self._fleet.offer_again()
        return plan.result

    def _given(self, subject_id: str) -> GivenSubject | None:
        row = self._rows[subject_id] = self._fleet.row(subject_id)
        return None if row is None else row.given

    def _lose(self, subject_id: str) -> None:
        """A snapshot does not name a subject any more."""
        row = self._fleet.row(subject_id)
        if row is None:
            return
        if row.change is None:
            self._erase(subject_id)
        erased = row.erased or row.change is None
        self._fleet.put(replace(row, erased=erased, given=None))

    def _take_subject(self, subject: SubjectRecord, given: GivenSubject) -> None:
        subject_id = subject.subject_id
        row = self._rows[subject_id] if subject_id in self._rows else self._fleet.row(subject_id)
        if row is not None and _holds(row, subject):
            self._fleet.put(replace(row, given=given))
            return
        if subject.erased:
            self._erase(subject_id)
        else:
            self._store(subject)
        self._fleet.put(
            FleetRow(
                subject_id=subject_id,
                version=subject.version,
                erased=subject.erased,
                change=None,
                given=given,
            )
        )

    def _store(self, subject: SubjectRecord) -> None:
        subject_id = subject.subject_id
        if not _SUBJECT_ID.fullmatch(subject_id):
            _LOG.error("not stored: the centre's subject_id %r is none", subject_id)
            return
        here: dict[str, ReferenceRecord] = {}
        if self._writing.holds_subject(subject_id):
            found = self._writing.records.record_of(subject_id, 0)
            here = {one.reference_id: one for one in found.references}
            if found.display_name != subject.display_name:
                self._writing.rename_subject(subject_id, subject.display_name)
        else:
            self._writing.add_subject(subject_id, subject.display_name)
        wanted = {one.reference_id: one for one in subject.references}
        for reference_id in here.keys() - {one for one in wanted if wanted[one] == here.get(one)}:
            self._remove(subject_id, reference_id, receipt=reference_id not in wanted)
        for reference in wanted.values():
            if reference != here.get(reference.reference_id):
                self._add(subject_id, reference)

    def _add(self, subject_id: str, record: ReferenceRecord) -> None:
        try:
            reference, template = reference_of(record)
            self._check_room(record, len(template.vector))
        except ValueError as error:
            _LOG.error("not stored: reference %s of subject %s: %s", record.reference_id, subject_id, error)
            return
        self._writing.add_active(subject_id, reference, self._op_id, template)

    def _check_room(self, record: ReferenceRecord, numbers: int) -> None:
        if self._writing.tables.references.holds(record.reference_id):
            raise ValueError("another subject has a reference of this id")
        if record.embedding_id != self._space:
            return
        if self._numbers and numbers != self._numbers:
            raise ValueError(f"expected {self._numbers} numbers, found {numbers}")
        self._numbers = numbers

    def _remove(self, subject_id: str, reference_id: str, *, receipt: bool) -> None:
        self._writing.destroy_reference(subject_id, reference_id)
        self._writing.replaced.add(reference_id)
        if receipt:
            self._note(OperationKind.REMOVE_REFERENCE, subject_id, 1)

    def _erase(self, subject_id: str) -> None:
        if not self._writing.holds_subject(subject_id):
            return
        count = len(self._writing.subject(subject_id).references)
        self._writing.destroy_subject(subject_id)
        self._note(OperationKind.ERASE_SUBJECT, subject_id, count)

    def _note(self, kind: OperationKind, subject_id: str, count: int) -> None:
        self._writing.tables.receipts.insert(
            FleetReceipt(
                op_id=str(uuid.uuid4()),
                kind=kind,
                subject_id=subject_id,
                references_destroyed=count,
                centre_revision=self._revision,
            )
        )


def _holds(row: FleetRow, given: SubjectRecord) -> bool:
    """Whether a local change stays in force beside what the centre gave: it is on its way up, and will win there."""
    if row.change is None or (given.erased and given.version == row.version):
        return False
    local = SubjectRecord(subject_id=row.subject_id, version=row.version, erased=row.erased)
    return winner(given, local) is local
