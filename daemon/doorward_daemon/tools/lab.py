"""The models of a pack, opened for a local command, and what they see in a photo."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.inference import DeviceRuntime, Runtime, open_runtime
from doorward_daemon.model.decision import DecisionRule
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import QualityAssessment
from doorward_daemon.model.template import Embedding
from doorward_daemon.packs.manifest import InstalledPack, PackManifest
from doorward_daemon.packs.precision import in_precision
from doorward_daemon.packs.site_profile import PROFILE_FILE, calibrated
from doorward_daemon.packs.store import PackStore
from doorward_daemon.recognition.face_judge import FaceJudge
from doorward_daemon.recognition.gate import QualityGate
from doorward_daemon.recognition.stage_clock import StageClock
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.report import remark
from doorward_daemon.vision.alignment import Aligner
from doorward_daemon.vision.detection import Detector, open_detector
from doorward_daemon.vision.embedding import open_embedder
from doorward_daemon.vision.picture import PictureSettings, decode_picture


@dataclass(frozen=True, slots=True, eq=False)
class LabFace:
    """The largest face of a photo and what the pack thinks of it; gates judge it but stop nothing."""

    face: Face
    """Where it is."""
    embedding: Embedding
    """What it is compared by."""
    quality: QualityAssessment
    """What the gate thinks."""
    refused_by: DecisionRule | None
    """PRE_GATE or GATE where the daemon would not compare it; None where it would."""


class Lab:
    """Looks at photos as recognition does, without liveness, which photos of photos would not pass.

    Args:
        manifest: of the pack.
        detector: finds faces.
        judge: judges them.
        picture: limits of photos.
        precision: what the models compute in.
    """

    def __init__(
        self,
        manifest: PackManifest,
        detector: Detector,
        judge: FaceJudge,
        picture: PictureSettings,
        precision: str = "f32",
    ) -> None:
        self.manifest = manifest
        self.precision = precision
        self._detector = detector
        self._judge = judge
        self._picture = picture

    def look(self, path: Path) -> LabFace | None:
        """Judges and embeds the largest face of a photo; None where there is no face.

        Raises:
            InvalidInput: a PICTURE_ reason.
            OSError: the file cannot be read.
        """
        return self.look_at(self.read(path))

    def read(self, path: Path) -> Picture:
        """Decodes a photo.

        Raises:
            InvalidInput: a PICTURE_ reason.
            OSError: the file cannot be read.
        """
        return decode_picture(path.read_bytes(), self._picture)

    def look_at(self, picture: Picture) -> LabFace | None:
        """Judges and embeds the largest face of a decoded picture; None where there is no face."""
        faces = self._detector.detect(picture.bgr_hwc).largest_first()
        return self.look_at_face(picture, faces[0], faces[1:]) if faces else None

    def look_at_face(self, picture: Picture, face: Face, others: Sequence[Face] = ()) -> LabFace:
        """Judges and embeds a face wherever it is said to be.

        Args:
            picture: the picture.
            face: in it, or beside one where that is the question.
            others: the other faces of the picture.
        """
        judgement = self._judge.judge(picture, face, others, StageClock(), embed_always=True)
        embedding, quality = judgement.embedding, judgement.judged.quality
        if embedding is None or quality is None:
            raise ValueError("a face that is always embedded came back without embedding or quality")
        return LabFace(face, embedding, quality, judgement.refused_by)


@contextmanager
def open_lab(context: ToolContext, pack_name: str, opened: InstalledPack | None = None) -> Iterator[Lab]:
    """Opens a pack on this box's runtime and closes it again.

    Args:
        context: home and settings.
        pack_name: name of an installed pack; empty = the configured, else the active one.
        opened: that pack where it is open already.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED, CALIBRATION_UNUSABLE.
        Fault: INFERENCE_FAILED.
    """
    with opened_runtime(context) as runtime:
        pack = open_pack(context, pack_name) if opened is None else opened
        yield lab_on(runtime, in_precision(pack, runtime.truth.actual_precision), context)


def lab_on(runtime: DeviceRuntime, pack: InstalledPack, context: ToolContext) -> Lab:
    """Opens the models of a pack on a runtime.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED; DEVICE_UNAVAILABLE, a strict wish cannot be fulfilled.
        Fault: INFERENCE_FAILED.
    """
    detector = open_detector(pack, runtime, context.judging.detection)
    judge = open_judge(pack, runtime, context)
    runtime.settle()
    return Lab(pack.manifest, detector, judge, context.judging.picture, runtime.truth.actual_precision)


def open_pack(context: ToolContext, pack_name: str) -> InstalledPack:
    """Opens a pack as `open_own_pack`, with the calibration that is in force on this box.

    Another pack than the one this box runs keeps its own: the scores of the site's profile mean nothing to it.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED; CALIBRATION_UNUSABLE, the calibration of this site is another pack's.
        InvalidInput: FIELD_INVALID, no pack can have that name.
    """
    pack, configured = open_own_pack(context, pack_name), context.judging.open_set.profile
    own_name = context.pack or PackStore(context.home / "packs").active()
    if pack.manifest.name == own_name:
        return calibrated(pack, context.home, configured)
    if configured or (context.home / PROFILE_FILE).is_file():
        remark(f"the calibration of this site is of pack {own_name}; {pack.manifest.name} is measured with its own")
    return pack


def open_own_pack(context: ToolContext, pack_name: str) -> InstalledPack:
    """Opens the named, else the configured, else the active pack; every file is checked against its hash.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED.
        InvalidInput: FIELD_INVALID, no pack can have that name.
    """
    store = PackStore(context.home / "packs")
    name = pack_name or context.pack or store.active()
    if name is None:
        raise Conflict(
            ErrorReason.PACK_MISSING,
            f"{store.root}: no pack is on this box; run `doorwardd models pull --auto`",
            metadata={"folder": str(store.root)},
        )
    return store.open(name)


def running_pack(context: ToolContext, pack_name: str, runtime: Runtime) -> InstalledPack:
    """The pack as the daemon runs it: in the precision of its runtime.

    Raises:
        Conflict: PACK_MISSING, PACK_DAMAGED; also where a speed mode needs models this box has not made.
        InvalidInput: FIELD_INVALID, no pack can have that name.
    """
    return in_precision(open_pack(context, pack_name), runtime.truth.actual_precision)


@contextmanager
def opened_runtime(context: ToolContext) -> Iterator[DeviceRuntime]:
    """The runtime of this box, with the daemon's cache of compiled models; settle it once the models are open.

    Raises:
        Fault: INFERENCE_FAILED.
    """
    runtime = open_runtime(context.inference, context.home / "cache")
    try:
        yield runtime
    finally:
        runtime.close()


def open_judge(pack: InstalledPack, runtime: Runtime, context: ToolContext) -> FaceJudge:
    """The gates of a pack without liveness."""
    return FaceJudge(
        Aligner(pack.manifest.alignment),
        open_embedder(pack, runtime),
        QualityGate(pack.manifest.calibration, context.judging.gate),
        None,
        LivenessPolicy.OFF,
    )
