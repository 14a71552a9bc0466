"""Puts a gate's judgement together from a pack, a runtime and a gallery."""

from doorward_daemon.access import DoorPolicy
from doorward_daemon.gallery import Gallery
from doorward_daemon.gate_loop.identifier import IdentifierParts
from doorward_daemon.gate_loop.settings import GateLoopSettings
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.inference import Runtime
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.recognition.explainer import Explainer
from doorward_daemon.recognition.face_judge import FaceJudge
from doorward_daemon.recognition.gate import QualityGate
from doorward_daemon.recognition.opening import JudgingSettings
from doorward_daemon.recognition.pipeline import RecognitionParts
from doorward_daemon.vision.alignment import Aligner
from doorward_daemon.vision.detection import Detector, open_detector
from doorward_daemon.vision.embedding import Embedder, open_embedder
from doorward_daemon.vision.liveness import LivenessChecker, open_liveness


class GateModels:
    """The models of a pack, loaded once for all gates of a box. Thread-safe.

    Args:
        pack: installed and checked.
        runtime: runs its models.
        judging: settings of all stages.

    Raises:
        Fault: INFERENCE_FAILED, a model cannot be loaded.
    """

    def __init__(self, pack: InstalledPack, runtime: Runtime, judging: JudgingSettings) -> None:
        self.manifest = pack.manifest
        self.judging = judging
        self.truth = runtime.truth
        self.detector: Detector = open_detector(pack, runtime, judging.detection)
        self.embedder: Embedder = open_embedder(pack, runtime)
        self.liveness: LivenessChecker | None = open_liveness(pack, runtime, judging.liveness)


def open_gate_parts(
    models: GateModels, gallery: Gallery, rule: OpenSetRule, policy: DoorPolicy, settings: GateLoopSettings
) -> IdentifierParts:
    """Wires up what judges for one door.

    Args:
        models: of the pack.
        gallery: holds the references.
        rule: the open-set rule, shared.
        policy: of the door.
        settings: how faces are followed and evidence is gathered.
    """
    calibration, judging = models.manifest.calibration, models.judging
    asks_liveness = policy.liveness is not LivenessPolicy.OFF
    judge = FaceJudge(
        Aligner(models.manifest.alignment),
        models.embedder,
        QualityGate(calibration, judging.gate),
        models.liveness if asks_liveness else None,
        policy.liveness,
    )
    recognition = RecognitionParts(
        picture=judging.picture,
        detector=models.detector,
        judge=judge,
        rule=rule,
        similarity_slope=calibration.similarity_slope,
        explainer=Explainer(models.manifest, models.truth, judging.open_set.target_fpir),
        gallery=gallery,
        one_person_at_a_time=policy.one_person_at_a_time,
    )
    wanted = settings.track.switch_score
    return IdentifierParts(
        recognition=recognition,
        policy=policy,
        settings=settings,
        liveness=judging.liveness,
        switch_score=calibration.outlier_score if wanted is None else wanted,
    )
