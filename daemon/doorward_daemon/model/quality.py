"""What the gate thinks of a face: components, score, band, reasons, guidance."""

from dataclasses import dataclass
from enum import StrEnum


class QualityBand(StrEnum):
    """What a quality score means for a decision; the same in every pack."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    REJECTED = "REJECTED"


class QualityReason(StrEnum):
    """Why a face is not worth more; equal to the wire contract's QualityReason."""

    FACE_TOO_SMALL = "FACE_TOO_SMALL"
    FACE_TOO_LARGE = "FACE_TOO_LARGE"
    FACE_CROPPED = "FACE_CROPPED"
    YAW = "YAW"
    PITCH = "PITCH"
    ROLL = "ROLL"
    BLUR = "BLUR"
    TOO_DARK = "TOO_DARK"
    TOO_BRIGHT = "TOO_BRIGHT"
    LOW_CONTRAST = "LOW_CONTRAST"
    UNEVEN_LIGHT = "UNEVEN_LIGHT"
    SEVERAL_FACES = "SEVERAL_FACES"
    IDENTITY_LOST = "IDENTITY_LOST"
    DOUBTFUL_FACE = "DOUBTFUL_FACE"
    FACE_COVERED = "FACE_COVERED"
    MASK = "MASK"


class Guidance(StrEnum):
    """What the person can do about it; equal to the wire contract's Guidance."""

    COME_CLOSER = "COME_CLOSER"
    STEP_BACK = "STEP_BACK"
    MOVE_TO_THE_CENTRE = "MOVE_TO_THE_CENTRE"
    LOOK_AT_THE_CAMERA = "LOOK_AT_THE_CAMERA"
    HOLD_HEAD_UPRIGHT = "HOLD_HEAD_UPRIGHT"
    HOLD_STILL = "HOLD_STILL"
    MORE_LIGHT = "MORE_LIGHT"
    LESS_LIGHT = "LESS_LIGHT"
    ONE_PERSON_AT_A_TIME = "ONE_PERSON_AT_A_TIME"
    UNCOVER_THE_FACE = "UNCOVER_THE_FACE"
    TAKE_THE_MASK_OFF = "TAKE_THE_MASK_OFF"
    TURN_LEFT = "TURN_LEFT"
    TURN_RIGHT = "TURN_RIGHT"


class MaskPolicy(StrEnum):
    """What a door or a listener makes of a mask over mouth and nose."""

    OFF = "off"
    """A mask is no matter by itself: the quality score alone decides."""
    SOFT = "soft"
    """A masked face is asked to take the mask off and is never band high: it takes two looks and is flagged."""
    HARD = "hard"
    """A masked face is never compared: LOW_QUALITY with reason MASK."""


@dataclass(frozen=True, slots=True)
class QualityComponent:
    """One measured component, named after ISO/IEC 29794-5."""

    name: str
    """The standard's name, e.g. `InterEyeDistance`."""
    algorithm_id: str
    """The algorithm that measured it, e.g. `doorward.laplacian.1`; values of different algorithms do not compare."""
    native_value: float
    """The measured value in the algorithm's own unit."""
    score: int
    """Mapped to 0..100, higher is better; -1 where it could not be assessed."""


@dataclass(frozen=True, slots=True)
class QualityAssessment:
    """What the gate thinks of one face."""

    score: float
    """Quality score, 0..1, higher is better."""
    band: QualityBand
    """Band of the score."""
    reasons: tuple[QualityReason, ...]
    """Why it is not better, most important first."""
    guidance: tuple[Guidance, ...]
    """What the person can do, most helpful first."""
    components: tuple[QualityComponent, ...]
    """The measured components."""
