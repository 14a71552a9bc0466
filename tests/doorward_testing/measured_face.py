"""Measured faces for tests of the gate: a good one, to be made worse in one place."""

from dataclasses import replace

import numpy as np

from doorward_daemon.model.face import Face
from doorward_daemon.model.quality import MaskPolicy, QualityComponent
from doorward_daemon.model.template import Embedding, Template
from doorward_daemon.packs.manifest import Calibration
from doorward_daemon.recognition.gate import GateSettings, QualityGate
from doorward_daemon.vision.quality import ComponentName

CALIBRATION = Calibration(
    thresholds_at_fmr=((1e-3, 0.3),),
    margin=0.05,
    similarity_slope=16.0,
    duplicate_score=0.45,
    outlier_score=0.15,
    norm_reference=17.9,
    norm_lost=10.3,
    norm_weight=1.85,
)
GOOD = {
    ComponentName.INTER_EYE_DISTANCE: 60.0,
    ComponentName.HEAD_POSE_YAW: 3.0,
    ComponentName.HEAD_POSE_PITCH: 4.0,
    ComponentName.HEAD_POSE_ROLL: -2.0,
    ComponentName.SINGLE_FACE_PRESENT: 0.0,
    ComponentName.LEFTWARD_CROP: 2.0,
    ComponentName.RIGHTWARD_CROP: 2.0,
    ComponentName.MARGIN_ABOVE: 1.6,
    ComponentName.MARGIN_BELOW: 2.1,
    ComponentName.FACE_INSIDE_PICTURE: 0.0,
    ComponentName.UNDER_EXPOSURE_PREVENTION: 0.1,
    ComponentName.OVER_EXPOSURE_PREVENTION: 0.0,
    ComponentName.DYNAMIC_RANGE: 7.0,
    ComponentName.LUMINANCE_MEAN: 0.3,
    ComponentName.LUMINANCE_VARIANCE: 0.03,
    ComponentName.ILLUMINATION_UNIFORMITY: 0.6,
    ComponentName.SHARPNESS: 2.6,
    ComponentName.HEAD_SIZE: 0.4,
    ComponentName.NATURAL_COLOUR: 0.0,
    ComponentName.FINE_DETAIL: 4.0,
}


def components(**changes: float) -> tuple[QualityComponent, ...]:
    """The components of a good face, some of them changed."""
    values = {name.name: value for name, value in GOOD.items()} | changes
    return tuple(QualityComponent(ComponentName[name].value, "test", value, 50) for name, value in values.items())


def face(score: float = 0.94) -> Face:
    """A face with upright landmarks."""
    landmarks = np.array([[40, 50], [100, 50], [70, 80], [45, 110], [95, 110]], np.float32)
    return Face(np.array([10, 0, 130, 150], np.float32), landmarks, score)


def embedding(norm: float = 18.0, mask: float | None = None, cover: float | None = None) -> Embedding:
    """An embedding of a given norm, and what it says of masks and other covers."""
    template = Template(np.eye(1, 8, dtype=np.float32)[0], "test", "f32")
    return Embedding(template, norm, mask_score=mask, cover_score=cover)


def gate(mask: MaskPolicy = MaskPolicy.SOFT, **changes: float) -> QualityGate:
    """A gate with a mask policy and some limits changed."""
    return QualityGate(CALIBRATION, replace(GateSettings(**changes), mask=mask))  # type: ignore[arg-type] # floats only
