"""A gate whose frames show made-up faces: who stands where, seen how well, is what the test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.access import DoorPolicy
from doorward_daemon.gate_loop import (
    GateLoopSettings,
    GateView,
    IdentifierParts,
    LikenessLimits,
    TrackDecision,
    TrackingIdentifier,
)
from doorward_daemon.identity import OpenSetRule, OpenSetSettings
from doorward_daemon.model.face import Detections, Face
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.model.template import Embedding, Template
from doorward_daemon.recognition.explainer import Explainer
from doorward_daemon.recognition.face_judge import FaceJudge, Judgement
from doorward_daemon.recognition.pipeline import RecognitionParts
from doorward_daemon.vision.liveness import LivenessSettings
from doorward_daemon.vision.picture import PictureSettings
from doorward_testing.answers import TRUTH
from doorward_testing.enrolment_site import CALIBRATION, SPACE, open_site, template_of
from doorward_testing.gate_site import FRAME_NS, frame_of
from doorward_testing.gate_values import judgement_of
from doorward_testing.rpc_rooms import small_manifest

LIMITS = LikenessLimits(same_score=0.6, other_score=0.3, asked_score=0.5)
"""Looks at one made-up person score about 0.9, at two about 0."""


def blend(first: Template, second: Template, score: float) -> Template:
    """A template whose score with the first is `score`, the rest of it the second's."""
    rest = second.vector - (second.vector @ first.vector) * first.vector
    mixed = score * first.vector + np.sqrt(1.0 - score * score) * rest / np.linalg.norm(rest)
    return Template(mixed.astype(np.float32), SPACE, "f32")


@dataclass(slots=True, eq=False)
class Scene:
    """What a frame shows: one face, alone or behind larger ones, or nothing. It is the detector and the judge."""

    template: Template | None = None
    band: QualityBand = QualityBand.MEDIUM
    left_px: float = 100.0
    larger: int = 0
    """Larger faces of nobody before it."""
    looks: int = 0
    """Times a face was judged."""

    def detect(self, bgr_hwc: NDArray[np.uint8]) -> Detections:
        """The face."""
        del bgr_hwc
        if self.template is None:
            return Detections.empty()
        boxes = [[self.left_px, 100, self.left_px + 80, 180]]
        boxes += [[200 + 150 * place, 200, 340 + 150 * place, 340] for place in range(self.larger)]
        count = len(boxes)
        scores = np.full(count, 0.9, np.float32)
        return Detections(np.asarray(boxes, np.float32), np.zeros((count, 5, 2), np.float32), scores)

    def judge(self, picture: object, face: Face, others: object, clock: object) -> Judgement:
        """How it was seen."""
        del picture, others, clock
        assert self.template is not None
        self.looks += 1
        is_larger = face.width_px > 100.0
        found = judgement_of(QualityBand.LOW if is_larger else self.band)
        template = template_of(30 + int(face.xyxy_px[0])) if is_larger else self.template
        return replace(found, judged=replace(found.judged, face=face), embedding=Embedding(template, norm=10.0))


@dataclass(slots=True, eq=False)
class ScriptedGate:
    """A gate with made-up people in its gallery: person 1 is `anna`, person 2 `bert`."""

    identifier: TrackingIdentifier
    scene: Scene
    frames: int = 0
    splits: int = 0

    def show(
        self,
        template: Template | None,
        band: QualityBand = QualityBand.MEDIUM,
        frames: int = 1,
        left_px: float = 100.0,
    ) -> tuple[list[TrackDecision], GateView]:
        """Shows a face for some frames; gives what was decided meanwhile, and the last view."""
        self.scene.template, self.scene.band, self.scene.left_px = template, band, left_px
        decided: list[TrackDecision] = []
        for _ in range(frames):
            self.frames += 1
            frame = frame_of(np.zeros((480, 640, 3), np.uint8), self.frames, self.frames * FRAME_NS)
            decided += self.identifier.push(frame)
            self.splits += self.identifier.count.split
        return decided, self.identifier.view(frame)


@contextmanager
def open_scripted_gate(
    folder: Path, settings: GateLoopSettings | None = None, limits: LikenessLimits = LIMITS
) -> Iterator[ScriptedGate]:
    """Opens a gate over a gallery of made-up people."""
    scene = Scene()
    with open_site(folder) as site:
        site.enrol("anna", 1)
        site.enrol("bert", 2)
        rule = OpenSetRule(CALIBRATION, OpenSetSettings())
        recognition = RecognitionParts(
            picture=PictureSettings(),
            detector=scene,
            judge=cast("FaceJudge", scene),
            rule=rule,
            similarity_slope=CALIBRATION.similarity_slope,
            explainer=Explainer(small_manifest("tests"), lambda: TRUTH, rule.target_fpir),
            gallery=site.gallery,
        )
        parts = IdentifierParts(
            recognition=recognition,
            policy=DoorPolicy(liveness=LivenessPolicy.OFF),
            settings=settings or GateLoopSettings(),
            liveness=LivenessSettings(),
            limits=limits,
        )
        yield ScriptedGate(TrackingIdentifier(parts), scene)
