"""Answers of writes as JSON, so that a repeated write is answered as it was the first time."""

import json
from collections.abc import Hashable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

import numpy as np
from pydantic import TypeAdapter

from doorward_daemon.enrolment.sample import EnrolmentResult
from doorward_daemon.model.decision import JudgedFace
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import LivenessAssessment
from doorward_daemon.model.quality import QualityAssessment
from doorward_daemon.model.subject import ErasureReceipt, Subject

_Stored = TypeVar("_Stored")


@dataclass(frozen=True, slots=True)
class _StoredFace:
    xyxy_px: tuple[float, ...]
    landmarks_px: tuple[tuple[float, float], ...]
    score: float
    quality: QualityAssessment | None
    liveness: LivenessAssessment


@dataclass(frozen=True, slots=True)
class _StoredEnrolment:
    reference_id: str
    face: _StoredFace
    subject: Subject


def dump_subject(subject: Subject) -> str:
    """The answer that is a subject."""
    return _dump(subject)


def load_subject(answer: str) -> Subject:
    """Reads what `dump_subject` wrote."""
    return _load(Subject, answer)


def dump_receipt(receipt: ErasureReceipt) -> str:
    """The answer that is an erasure receipt."""
    return _dump(receipt)


def load_receipt(answer: str) -> ErasureReceipt:
    """Reads what `dump_receipt` wrote."""
    return _load(ErasureReceipt, answer)


def dump_judged(judged: JudgedFace) -> str:
    """A judged face, kept with a staged enrolment until it is answered."""
    return _dump(_store_face(judged))


def dump_enrolment(reference_id: str, judged: str, subject: Subject) -> str:
    """The answer that is an enrolled reference.

    Args:
        reference_id: the reference.
        judged: what `dump_judged` wrote.
        subject: the subject with the reference.
    """
    return _dump(_StoredEnrolment(reference_id, _load(_StoredFace, judged), subject))


def load_enrolment(answer: str) -> EnrolmentResult:
    """Reads what `dump_enrolment` wrote."""
    stored = _load(_StoredEnrolment, answer)
    reference = next(known for known in stored.subject.references if known.reference_id == stored.reference_id)
    return EnrolmentResult(reference, _restore_face(stored.face), stored.subject)


def _store_face(judged: JudgedFace) -> _StoredFace:
    face = judged.face
    return _StoredFace(
        xyxy_px=tuple(face.xyxy_px.tolist()),
        landmarks_px=tuple((float(x), float(y)) for x, y in face.landmarks_px),
        score=face.score,
        quality=judged.quality,
        liveness=judged.liveness,
    )


def _restore_face(stored: _StoredFace) -> JudgedFace:
    face = Face(np.array(stored.xyxy_px, np.float32), np.array(stored.landmarks_px, np.float32), stored.score)
    return JudgedFace(face, stored.quality, stored.liveness)


def _dump(value: Subject | ErasureReceipt | _StoredFace | _StoredEnrolment) -> str:
    return json.dumps(asdict(value), default=_plain)


def _plain(value: object) -> str | float:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, np.generic):
        return float(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _load(kind: type[_Stored], text: str) -> _Stored:
    # The standard library's JSON keeps NaN, which components that could not be assessed may hold.
    value: _Stored = _reader(cast("Hashable", kind)).validate_python(json.loads(text))
    return value


@cache
def _reader(kind: Hashable) -> TypeAdapter[Any]:
    reader: TypeAdapter[Any] = TypeAdapter(cast("type[Any]", kind))
    return reader
