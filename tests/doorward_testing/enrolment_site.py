"""A gallery, a journal and a desk in one folder, with made-up people whose faces are drawn into single pixels."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.enrolment import EnrolmentDesk, EnrolmentSample, EnrolmentSettings, FaceSources, Step, WriteRequest
from doorward_daemon.enrolment.desk import ignore_step
from doorward_daemon.gallery import Gallery, GallerySettings, open_gallery
from doorward_daemon.journal import Journal
from doorward_daemon.model.decision import JudgedFace
from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import (
    Guidance,
    QualityAssessment,
    QualityBand,
    QualityComponent,
    QualityReason,
)
from doorward_daemon.model.template import Embedding, Template
from doorward_daemon.packs.manifest import Calibration
from doorward_testing.journals import open_patient_journal

SPACE = "tests-0001"
"""Embedding space of the made-up people."""
DIMENSION = 64
"""Numbers in their templates."""

CALIBRATION = Calibration(
    thresholds_at_fmr=((1e-2, 0.3), (1e-3, 0.4), (1e-4, 0.5)),
    margin=0.05,
    similarity_slope=12.0,
    duplicate_score=0.6,
    outlier_score=0.3,
    norm_reference=10.0,
    norm_lost=5.0,
    norm_weight=0.0,
)
"""Two made-up people score about 0, two shots of one about 0.9."""

NO_SPARE_DISK = GallerySettings(spare_disk_bytes=0)
"""Settings of a gallery on a disk of the size of a test."""


def portrait(person: int, shot: int = 0, *, quality: int = 90, second_face: int = 0, face: bool = True) -> Picture:
    """A picture of a made-up person.

    Args:
        person: who it is, 0..255.
        shot: which picture of the person, 0..255.
        quality: quality score in percent.
        second_face: size of a second face in percent of the first one's; 0 = none.
        face: False for a picture of nobody.
    """
    bgr_hwc = np.zeros((2, 2, 3), np.uint8)
    bgr_hwc[0, 0] = (person, shot, quality)
    bgr_hwc[0, 1] = (second_face, int(face), 0)
    return Picture(bgr_hwc)


def template_of(person: int, shot: int = 0, space: str = SPACE) -> Template:
    """The template `judge_portrait` finds in a portrait."""
    vector = _direction(person) + 0.3 * _direction(person, shot)
    return Template((vector / np.linalg.norm(vector)).astype(np.float32), space, "f32")


def judge_portrait(picture: Picture) -> EnrolmentSample:
    """Reads a portrait: a detector, gate and embedder for made-up people."""
    person, shot, percent = (int(value) for value in picture.bgr_hwc[0, 0])
    second, is_face, _ = (int(value) for value in picture.bgr_hwc[0, 1])
    if not is_face:
        return EnrolmentSample(None, None, ())
    judged = JudgedFace(_face(), _quality(percent / 100.0))
    sizes = (100.0, float(second)) if second else (100.0,)
    return EnrolmentSample(judged, Embedding(template_of(person, shot), norm=10.0), sizes)


@dataclass(slots=True)
class EnrolmentSite:
    """One data folder, opened."""

    gallery: Gallery
    """Its gallery."""
    journal: Journal
    """Its journal: the ledger of the desk."""
    desk: EnrolmentDesk
    """Its desk, settled."""
    _requests: int = field(default=0)

    def request(self, request_id: str = "", fingerprint: bytes = b"fingerprint") -> WriteRequest:
        """A write request; a new id where none is given."""
        self._requests += 1
        return WriteRequest(request_id or f"request-{self._requests}-{id(self)}", fingerprint)

    def enrol(self, subject_id: str, person: int, shots: int = 1) -> None:
        """Creates a subject with pictures of a person."""
        self.desk.create_subject(self.request(), subject_id, f"Name of {subject_id}")
        for shot in range(shots):
            self.desk.add_reference(self.request(), subject_id, portrait(person, shot))


@contextmanager
def open_site(
    folder: Path,
    *,
    gallery_settings: GallerySettings = NO_SPARE_DISK,
    settings: EnrolmentSettings | None = None,
    observe: Callable[[Step], None] = ignore_step,
    judge: Callable[[Picture], EnrolmentSample] = judge_portrait,
) -> Iterator[EnrolmentSite]:
    """Opens a data folder as the daemon does: gallery, journal, desk, settle."""
    with ExitStack() as stack:
        gallery = stack.enter_context(open_gallery(folder, SPACE, gallery_settings))
        journal = stack.enter_context(open_patient_journal(folder))
        desk = EnrolmentDesk(gallery, FaceSources(judge), CALIBRATION, journal, settings, observe)
        desk.settle()
        yield EnrolmentSite(gallery, journal, desk)


def _direction(*seed: int) -> NDArray[np.float64]:
    vector = np.random.default_rng((1234, *seed)).standard_normal(DIMENSION)
    direction: NDArray[np.float64] = vector / np.linalg.norm(vector)
    return direction


def _face() -> Face:
    landmarks = np.array([[40, 50], [70, 50], [55, 70], [42, 90], [68, 90]], np.float32)
    return Face(np.array([10.5, 20, 110.25, 140], np.float32), landmarks, 0.97)


def _quality(score: float) -> QualityAssessment:
    band = next(
        band
        for floor, band in (
            (0.8, QualityBand.HIGH),
            (0.6, QualityBand.MEDIUM),
            (0.4, QualityBand.LOW),
            (-1.0, QualityBand.REJECTED),
        )
        if score >= floor
    )
    poor = score < 0.6
    return QualityAssessment(
        score=score,
        band=band,
        reasons=(QualityReason.BLUR, QualityReason.TOO_DARK) if poor else (),
        guidance=(Guidance.HOLD_STILL,) if poor else (),
        components=(QualityComponent("Sharpness", "tests.1", float("nan"), -1),),
    )
