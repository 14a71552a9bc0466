"""Puts recognition together from a pack, a runtime and a gallery, for the daemon and the local tools alike."""

from dataclasses import dataclass, field

from doorward_daemon.gallery import Gallery
from doorward_daemon.identity import Cohort, OpenSetRule, OpenSetSettings, decode_cohort
from doorward_daemon.inference import Runtime
from doorward_daemon.model.decision import DeviceTruth
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.packs.manifest import InstalledPack, PackManifest
from doorward_daemon.recognition.explainer import AskedPolicies, Explainer
from doorward_daemon.recognition.face_judge import FaceJudge
from doorward_daemon.recognition.gate import GateSettings, QualityGate
from doorward_daemon.recognition.pipeline import Recogniser, RecognitionParts
from doorward_daemon.recognition.polarity_check import check_polarity
from doorward_daemon.recognition.settings import RecognitionSettings
from doorward_daemon.vision.alignment import Aligner
from doorward_daemon.vision.detection import DetectionSettings, Detector, open_detector
from doorward_daemon.vision.embedding import Embedder, open_embedder
from doorward_daemon.vision.liveness import LivenessChecker, LivenessSettings, open_liveness
from doorward_daemon.vision.picture import PictureSettings
from doorward_daemon.vision.threads import keep_to_one_thread


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


class PackModels:
    """The models of a pack, loaded once for everything on a box that judges. Thread-safe.

    Args:
        pack: installed and checked.
        runtime: runs its models.
        judging: settings of all stages.

    Raises:
        Fault: INFERENCE_FAILED, a model cannot be loaded.
        Conflict: PACK_DAMAGED, the pack's quality score points the wrong way.
    """

    def __init__(self, pack: InstalledPack, runtime: Runtime, judging: JudgingSettings) -> None:
        keep_to_one_thread()
        self.manifest = pack.manifest
        self.judging = judging
        self._runtime = runtime
        self.detector: Detector = open_detector(pack, runtime, judging.detection)
        self.embedder: Embedder = open_embedder(pack, runtime)
        check_polarity(self.embedder, pack.manifest)
        self.liveness: LivenessChecker | None = open_liveness(pack, runtime, judging.liveness)

    @property
    def truth(self) -> DeviceTruth:
        """Where the models run now."""
        return self._runtime.truth

    def parts(
        self,
        gallery: Gallery,
        rule: OpenSetRule,
        liveness: LivenessPolicy,
        *,
        one_person_at_a_time: bool,
        gate: GateSettings | None = None,
    ) -> RecognitionParts:
        """What judges for one door or listener.

        Args:
            gallery: holds the references.
            rule: the open-set rule, shared.
            liveness: what is asked of liveness.
            one_person_at_a_time: whether a second person in view is refused.
            gate: bands, limits and mask policy; None takes those of still pictures.
        """
        calibration, gate = self.manifest.calibration, gate or self.judging.gate
        judge = FaceJudge(
            Aligner(self.manifest.alignment),
            self.embedder,
            QualityGate(calibration, gate),
            None if liveness is LivenessPolicy.OFF else self.liveness,
            liveness,
        )
        return RecognitionParts(
            picture=self.judging.picture,
            detector=self.detector,
            judge=judge,
            rule=rule,
            similarity_slope=calibration.similarity_slope,
            explainer=Explainer(
                self.manifest,
                lambda: self.truth,
                rule.target_fpir,
                AskedPolicies(liveness, gate.mask),
            ),
            gallery=gallery,
            one_person_at_a_time=one_person_at_a_time,
        )


def cohort_of(manifest: PackManifest) -> Cohort | None:
    """The cohort of a pack, for its gallery; None for a pack without one."""
    return decode_cohort(manifest.calibration.cohort, manifest.embedding_dimension)


def open_recogniser(models: PackModels, gallery: Gallery, rule: OpenSetRule) -> Recogniser:
    """Wires up what judges still pictures.

    Args:
        models: of the pack.
        gallery: holds the references.
        rule: the open-set rule, shared with enrolment.
    """
    asked = models.judging.recognition
    return Recogniser(models.parts(gallery, rule, asked.liveness, one_person_at_a_time=asked.one_person_at_a_time))
