"""Faces as a lab would have seen them, made of numbers, to test what is computed from them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.decision import DecisionRule
from doorward_daemon.model.face import Face
from doorward_daemon.model.quality import QualityAssessment, QualityBand
from doorward_daemon.model.template import Embedding, Template
from doorward_daemon.packs.manifest import Alignment, Calibration, PackManifest
from doorward_daemon.tools.lab import LabFace
from doorward_daemon.tools.photo_folder import PhotoGroup
from doorward_daemon.tools.survey import Sight, Survey


def direction(angle_deg: float) -> NDArray[np.float32]:
    """A template of two numbers; the comparison score of two is the cosine of the angle between them."""
    angle = np.radians(angle_deg)
    return np.asarray([np.cos(angle), np.sin(angle)], np.float32)


def lab_face(vector: NDArray[np.float32], quality: float = 0.9, *, refused: bool = False) -> LabFace:
    """A face with a template and a quality score; refused ones are refused by the gate."""
    band = QualityBand.REJECTED if refused else QualityBand.HIGH
    return LabFace(
        Face(np.asarray([0, 0, 50, 50], np.float32), np.zeros((5, 2), np.float32), 0.9),
        Embedding(Template(vector.copy(), "test", "f32"), norm=15.0),
        QualityAssessment(quality, band, (), (), ()),
        DecisionRule.GATE if refused else None,
    )


def group_of(name: str, n_photos: int) -> PhotoGroup:
    """A person with photos that need not exist."""
    return PhotoGroup(name, tuple(Path(name) / f"{number}.jpg" for number in range(n_photos)))


def survey_of(faces: list[LabFace | None]) -> Survey:
    """What a survey of photos would have given, in their order."""
    return Survey(tuple(Sight(Path(f"{number}.jpg"), face) for number, face in enumerate(faces)), duration_s=1.0)


def manifest_of(dimension: int, threshold: float, margin: float) -> PackManifest:
    """A pack without models whose threshold at every gallery size is the same."""
    return PackManifest(
        name="test",
        version="1",
        description="Numbers only.",
        models=(),
        embedding_id="test",
        embedding_dimension=dimension,
        alignment=Alignment(size_px=112, template_px=((0.0, 0.0),) * 5),
        calibration=Calibration(
            thresholds_at_fmr=((1e-2, threshold), (1e-3, threshold)),
            margin=margin,
            similarity_slope=16.0,
            duplicate_score=0.5,
            outlier_score=0.2,
            norm_reference=15.0,
            norm_lost=8.0,
            norm_weight=0.0,
        ),
    )
