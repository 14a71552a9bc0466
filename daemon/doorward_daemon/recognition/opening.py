"""Puts recognition together from a pack, a runtime and a gallery, for the daemon and the local tools alike."""

from dataclasses import dataclass, field

from doorward_daemon.gallery import Gallery
from doorward_daemon.identity import OpenSetRule, OpenSetSettings
from doorward_daemon.inference import Runtime
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.recognition.explainer import Explainer
from doorward_daemon.recognition.face_judge import FaceJudge
from doorward_daemon.recognition.gate import GateSettings, QualityGate
from doorward_daemon.recognition.pipeline import Recogniser, RecognitionParts
from doorward_daemon.recognition.settings import RecognitionSettings
from doorward_daemon.vision.alignment import Aligner
from doorward_daemon.vision.detection import DetectionSettings, open_detector
from doorward_daemon.vision.embedding import open_embedder
from doorward_daemon.vision.liveness import LivenessSettings, open_liveness
from doorward_daemon.vision.picture import PictureSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingSettings:
    """The settings of everything between a picture and an answer."""

    picture: PictureSettings = field(default_factory=PictureSettings)
    """Limits in front of the decoder."""
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    """How faces are looked for."""
    gate: GateSettings = field(default_factory=GateSettings)
    """When a face is worth judging."""
    liveness: LivenessSettings = field(default_factory=LivenessSettings)
    """When a face is a living person's."""
    recognition: RecognitionSettings = field(default_factory=RecognitionSettings)
    """What is asked before a subject is named."""
    open_set: OpenSetSettings = field(default_factory=OpenSetSettings)
    """When a subject is named."""


def open_recogniser(
    pack: InstalledPack, runtime: Runtime, gallery: Gallery, rule: OpenSetRule, settings: JudgingSettings
) -> Recogniser:
    """Loads the models of a pack and wires them up.

    Args:
        pack: installed and checked.
        runtime: runs its models.
        gallery: holds the references.
        rule: the open-set rule, shared with enrolment.
        settings: of all stages.

    Raises:
        Fault: INFERENCE_FAILED, a model cannot be loaded.
    """
    manifest = pack.manifest
    asks_liveness = settings.recognition.liveness is not LivenessPolicy.OFF
    judge = FaceJudge(
        Aligner(manifest.alignment),
        open_embedder(pack, runtime),
        QualityGate(manifest.calibration, settings.gate),
        open_liveness(pack, runtime, settings.liveness) if asks_liveness else None,
        settings.recognition.liveness,
    )
    parts = RecognitionParts(
        picture=settings.picture,
        detector=open_detector(pack, runtime, settings.detection),
        judge=judge,
        rule=rule,
        similarity_slope=manifest.calibration.similarity_slope,
        explainer=Explainer(manifest, runtime.truth, settings.open_set.target_fpir),
        gallery=gallery,
        one_person_at_a_time=settings.recognition.one_person_at_a_time,
    )
    return Recogniser(parts)
