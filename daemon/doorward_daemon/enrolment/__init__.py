"""Enrolment and erasure: pictures become references, subjects come and go, and the ledger knows of it."""

from doorward_daemon.enrolment.desk import EnrolmentDesk
from doorward_daemon.enrolment.face_sources import FaceSources, forgotten
from doorward_daemon.enrolment.ledger import Ledger
from doorward_daemon.enrolment.sample import EnrolmentResult, EnrolmentSample
from doorward_daemon.enrolment.settings import EnrolmentSettings
from doorward_daemon.enrolment.staged_write import Step
from doorward_daemon.gallery import WriteRequest

__all__ = [
    "EnrolmentDesk",
    "EnrolmentResult",
    "EnrolmentSample",
    "EnrolmentSettings",
    "FaceSources",
    "Ledger",
    "Step",
    "WriteRequest",
    "forgotten",
]
