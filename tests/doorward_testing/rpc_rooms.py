"""Small rooms behind the wire contract: they keep what they are told in memory and answer pictures by their bytes."""

import threading
from dataclasses import dataclass, field

import numpy as np

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.model.decision import Feature, Identification, JudgedFace, Verification
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.self_test import SelfTestReport
from doorward_daemon.model.subject import GalleryStatus
from doorward_daemon.packs.manifest import (
    Alignment,
    Calibration,
    ChannelOrder,
    InputLayout,
    ModelEntry,
    ModelRole,
    PackManifest,
)
from doorward_daemon.rpc import DeviceInfo, DeviceState, DeviceStatus, PackEntry
from doorward_daemon.rpc.device import CalibrationInForce
from doorward_daemon.telemetry import current_request_id
from doorward_testing import answers

PICTURE = b"a picture with a face"
"""A picture that is answered at once."""
SLOW_PICTURE = b"a picture that is judged until the test lets go"
"""A picture that keeps its thread busy until `SmallRecogniser.let_go` is set."""


@dataclass(frozen=True, slots=True)
class SmallFaces:
    """The faces of a picture."""

    faces: tuple[JudgedFace, ...]
    width_px: int
    height_px: int


class SmallRecogniser:
    """Gives the same answers to every picture, and remembers whom it worked for."""

    def __init__(self) -> None:
        self.judged: list[str] = []
        """Request ids it worked for, in order."""
        self.busy = threading.Semaphore(0)
        """Released whenever a slow picture has got its thread."""
        self.let_go = threading.Event()
        """Ends all slow pictures."""
        self.failure: Exception | None = None
        """What every picture is answered with, where it is set."""
        self.revision = 1
        """Revision of the gallery it would search."""

    def gallery_revision(self) -> int:
        """What is set."""
        return self.revision

    def detect(self, content: bytes) -> SmallFaces:
        """Two faces."""
        self._judge(content)
        return SmallFaces((answers.judged_face(), answers.judged_face()), 640, 480)

    def extract(self, content: bytes) -> Feature:
        """A feature."""
        self._judge(content)
        return answers.feature()

    def verify(self, probe: bytes, reference: bytes | None, subject_id: str | None) -> Verification:
        """A poor reference."""
        self._judge(probe)
        return answers.verification()

    def identify(self, content: bytes, max_candidates: int) -> Identification:
        """Ada."""
        self._judge(content)
        return answers.identification(max_candidates)

    def _judge(self, content: bytes) -> None:
        self.judged.append(current_request_id())
        if content == SLOW_PICTURE:
            self.busy.release()
            self.let_go.wait(30)
        if self.failure is not None:
            raise self.failure


@dataclass(slots=True)
class SmallDevice:
    """A device of which everything is known."""

    self_test: SelfTestReport = field(default_factory=answers.self_test_report)

    def status(self) -> DeviceStatus:
        """It serves."""
        return DeviceStatus(
            state=DeviceState.DEGRADED,
            problems=("the clock was never set",),
            started_at=answers.MOMENT,
            uptime_s=12.5,
            resident_memory_bytes=123_456_789,
            pack="compact",
            embedding_id="compact-1a2b",
            runtime=answers.TRUTH,
            gallery=GalleryStatus(3, 5, 1, 9),
            self_test=self.self_test,
            calibration=CalibrationInForce(
                origin="site 2026-11-01",
                data="doorwardd calibrate photos",
                verification_threshold=0.42,
                search_threshold=0.44,
                margin=0.08,
                target_fpir=1e-3,
            ),
        )

    def info(self) -> DeviceInfo:
        """Its limits."""
        return DeviceInfo(
            device_id="device-1",
            version="0.1.0",
            max_picture_bytes=8 * 1024 * 1024,
            max_picture_pixels=16_000_000,
            max_faces=64,
        )

    def packs(self) -> tuple[PackEntry, ...]:
        """Two packs, out of order."""
        return (
            PackEntry(small_manifest("starter"), installed=False, active=False),
            PackEntry(small_manifest("compact"), installed=True, active=True),
        )

    def run_self_test(self) -> SelfTestReport:
        """The report."""
        return self.self_test


def decode_small_picture(content: bytes) -> Picture:
    """Any bytes but none are a grey picture."""
    if not content:
        raise InvalidInput(ErrorReason.PICTURE_EMPTY, "the picture has no bytes")
    return Picture(np.full((8, 8, 3), 128, np.uint8))


def small_manifest(name: str) -> PackManifest:
    """A pack with one model."""
    model = ModelEntry(
        name="yunet",
        role=ModelRole.DETECTOR,
        kind="yunet",
        file="yunet.onnx",
        sha256="ab" * 32,
        size_bytes=232_589,
        licence="MIT",
        sources=("https://example.org/yunet.onnx",),
        source_sha256="cd" * 32,
        training_data="WIDER FACE",
        input=InputLayout(name="input", channels=ChannelOrder.BGR),
        outputs=("cls_8",),
    )
    calibration = Calibration(
        thresholds_at_fmr=((1e-2, 0.31), (1e-3, 0.42)),
        margin=0.05,
        similarity_slope=12.0,
        duplicate_score=0.6,
        outlier_score=0.2,
        norm_reference=10.0,
        norm_lost=4.0,
        norm_weight=0.0,
    )
    return PackManifest(
        name=name,
        version="1",
        description="A pack for tests",
        models=(model,),
        embedding_id=f"{name}-1a2b",
        embedding_dimension=2,
        alignment=Alignment(size_px=112, template_px=((38.0, 52.0),) * 5),
        calibration=calibration,
    )
