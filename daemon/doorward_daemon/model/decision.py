"""Results of identification and verification, with everything that explains them."""

from dataclasses import dataclass, field
from enum import StrEnum

from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import NOT_CHECKED, LivenessAssessment, LivenessPolicy
from doorward_daemon.model.quality import Guidance, MaskPolicy, QualityAssessment, QualityBand, QualityReason
from doorward_daemon.model.template import Template


class Outcome(StrEnum):
    """Result of an identification (1:N)."""

    MATCHED = "MATCHED"
    UNKNOWN = "UNKNOWN"
    AMBIGUOUS = "AMBIGUOUS"
    LOW_QUALITY = "LOW_QUALITY"
    SPOOF = "SPOOF"
    NO_FACE = "NO_FACE"
    MULTIPLE_FACES = "MULTIPLE_FACES"
    STALE = "STALE"


class VerificationOutcome(StrEnum):
    """Result of a verification (1:1)."""

    MATCHED = "MATCHED"
    NOT_MATCHED = "NOT_MATCHED"
    LOW_QUALITY = "LOW_QUALITY"
    NO_FACE = "NO_FACE"
    SPOOF = "SPOOF"


class VerificationSide(StrEnum):
    """The two sides of a verification."""

    PROBE = "PROBE"
    REFERENCE = "REFERENCE"


class DecisionRule(StrEnum):
    """The rule that gave the outcome."""

    NO_FACE_FOUND = "NO_FACE_FOUND"
    PRE_GATE = "PRE_GATE"
    LIVENESS = "LIVENESS"
    GATE = "GATE"
    EMPTY_GALLERY = "EMPTY_GALLERY"
    BELOW_THRESHOLD = "BELOW_THRESHOLD"
    BELOW_MARGIN = "BELOW_MARGIN"
    THRESHOLD_AND_MARGIN = "THRESHOLD_AND_MARGIN"
    ONE_PERSON_AT_A_TIME = "ONE_PERSON_AT_A_TIME"
    DEADLINE = "DEADLINE"
    MASK_POLICY = "MASK_POLICY"
    NOT_THIS_PERSON = "NOT_THIS_PERSON"
    IDENTITY_CHANGED = "IDENTITY_CHANGED"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An enrolled subject that resembles the probe."""

    subject_id: str
    """The subject."""
    display_name: str
    """Its name for a screen; may be empty."""
    reference_id: str
    """The reference that came closest."""
    comparison_score: float
    """The pack's own cosine, -1..1, higher = more alike."""
    similarity: float
    """Calibrated to 0..1, 0.5 at the operating threshold."""


@dataclass(frozen=True, slots=True)
class StageTime:
    """Time spent in one stage."""

    stage: str
    """decode, detect, pre_gate, liveness, align, embed, gate, search or decide."""
    duration_ms: float
    """Milliseconds."""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One model that took part, by content."""

    name: str
    """Name within its pack."""
    sha256: str
    """Hash of the file that ran."""


@dataclass(frozen=True, slots=True)
class DeviceTruth:
    """Where and how the models really run: requested and actual."""

    runtime: str
    """`openvino` or `onnxruntime`."""
    runtime_version: str
    """Version of that runtime."""
    requested_device: str
    """e.g. `auto`."""
    actual_device: str
    """e.g. `cpu`."""
    requested_precision: str
    """e.g. `f32`."""
    actual_precision: str
    """e.g. `f32`."""
    fallback_reason: str = ""
    """Why actual differs from requested; empty where it does not."""


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """Memory of an accelerator."""

    used_bytes: int
    """Taken now, by everybody on it where its driver tells that."""
    total_bytes: int
    """What it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a decision came out as it did."""

    rule: DecisionRule
    """The rule that gave the outcome."""
    gates_passed: tuple[str, ...]
    """In the order in which their verdicts count: detect, pre_gate, gate, liveness, threshold, margin."""
    threshold: float
    """Comparison score needed."""
    margin_needed: float
    """Distance to the best other subject needed."""
    margin_found: float | None
    """Distance found; None with fewer than two subjects."""
    target_fpir: float
    """False positive identification rate aimed at."""
    gallery_subjects: int
    """Subjects in the gallery searched."""
    gallery_revision: int
    """Revision of the gallery searched."""
    frames_used: int
    """Frames that made the decision."""
    pack: str
    """Pack that judged."""
    embedding_id: str
    """Its embedding space."""
    calibration: str
    """Which calibration gave threshold and margin: `pack NAME`, or `site DATE`."""
    models: tuple[ModelUse, ...]
    """The models that ran."""
    device: DeviceTruth
    """Where they ran."""
    stage_times: tuple[StageTime, ...]
    """Time per stage, in the order they ran."""
    comparison_score: float | None = None
    """The pack's own cosine to the closest subject; None where nothing was compared."""
    similarity: float | None = None
    """The same calibrated to 0..1; None where nothing was compared."""
    quality_score: float | None = None
    """Quality of the face, 0..1; None where no face was judged."""
    quality_band: QualityBand | None = None
    """Its band; None where no face was judged."""
    liveness: LivenessAssessment = NOT_CHECKED
    """Liveness of the face, fused where several frames decided."""
    liveness_policy: LivenessPolicy = LivenessPolicy.OFF
    """What was asked of liveness."""
    mask_policy: MaskPolicy = MaskPolicy.OFF
    """What was made of masks."""
    follows_track: int = 0
    """The track of somebody else in whose place this face was found without a break; 0 where there was none."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedFace:
    """A face with what was judged about it."""

    face: Face
    """Where it is."""
    quality: QualityAssessment | None = None
    """What the gate thinks; None where it was not asked."""
    liveness: LivenessAssessment = NOT_CHECKED
    """What liveness thinks."""


@dataclass(frozen=True, slots=True, eq=False)
class Identification:
    """Result of an identification with its reasons."""

    outcome: Outcome
    """What came out."""
    match: Candidate | None
    """The subject, for MATCHED only."""
    candidates: tuple[Candidate, ...]
    """The closest subjects, best first; empty where nothing was compared."""
    judged: JudgedFace | None
    """The largest face; None for NO_FACE."""
    face_count: int
    """Faces found."""
    explanation: Explanation
    """Why."""
    template: Template | None = field(default=None, repr=False)
    """What was compared; None where nothing was. It stays in the process: no event and no answer holds it."""


@dataclass(frozen=True, slots=True)
class SideAdvice:
    """What would help one side of a verification."""

    side: VerificationSide
    """The side."""
    reasons: tuple[QualityReason, ...]
    """Why it is not better, most important first; empty for a picture without a face."""
    guidance: tuple[Guidance, ...]
    """What the person can do, most helpful first; empty for a picture without a face."""


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """Result of a verification with its reasons."""

    outcome: VerificationOutcome
    """What came out."""
    comparison_score: float | None
    """The pack's own cosine; None where nothing was compared."""
    similarity: float | None
    """Calibrated to 0..1; None where nothing was compared."""
    trusted: bool
    """False where a side is too poor to trust the score."""
    poor_sides: tuple[VerificationSide, ...]
    """The sides that are too poor or show no face."""
    probe: JudgedFace | None
    """Largest face of the probe."""
    reference: JudgedFace | None
    """Largest face of the reference picture; None where the reference is an enrolled subject."""
    explanation: Explanation
    """Why."""
    advice: tuple[SideAdvice, ...] = ()
    """What would help, per side that is not in band high; the poorest first."""
    reference_quality: float | None = None
    """Quality of the enrolled subject's best reference, 0..1; None where the reference is a picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """What Extract answers: the template of the largest face and what it came from."""

    judged: JudgedFace
    """The face, judged."""
    vector: tuple[float, ...]
    """The embedding as compared, length 1."""
    embedding_id: str
    """Its embedding space."""
    precision: str
    """Precision it was computed in."""
    width_px: int
    """Width of the picture."""
    height_px: int
    """Height of the picture."""
    face_count: int
    """Faces found."""

    @property
    def face_area_ratio(self) -> float:
        """Area of the face's box over the area of the picture, 0..1."""
        return min(1.0, self.judged.face.area_px / float(self.width_px * self.height_px))
