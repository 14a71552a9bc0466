"""Recognition with the real models of a pack, in which every face wears what the test says it wears."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.access import DoorPolicy
from doorward_daemon.gallery import Gallery, GallerySettings, open_gallery
from doorward_daemon.gate_loop import GateLoopSettings, TrackDecision, TrackingIdentifier, open_gate_parts
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.model.template import Embedding
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.recognition.face_judge import FaceJudge
from doorward_daemon.recognition.gate import GateSettings
from doorward_daemon.recognition.opening import JudgingSettings, PackModels, open_recogniser
from doorward_daemon.recognition.pipeline import Recogniser
from doorward_daemon.recognition.settings import RecognitionSettings
from doorward_daemon.vision.alignment import AlignedFace
from doorward_daemon.vision.embedding import Embedder
from doorward_testing.gate_site import FRAME_NS, frame_of


class Dresser(Embedder):
    """The pack's embedder, with its opinion on masks and covers replaced.

    Args:
        embedder: the real one.
    """

    mask: float | None = None
    cover: float | None = None

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_many(self, crops: Sequence[AlignedFace]) -> list[Embedding]:
        """The real embeddings of faces dressed as told."""
        embedded = self._embedder.embed_many(crops)
        return [replace(one, mask_score=self.mask, cover_score=self.cover) for one in embedded]


class MaskedFaces:
    """Models, a gallery, and a dresser.

    Args:
        models: of the pack, loaded.
        gallery: empty or not.
        rule: the open-set rule.
    """

    def __init__(self, models: PackModels, gallery: Gallery, rule: OpenSetRule) -> None:
        self.dresser = Dresser(models.embedder)
        models.embedder = self.dresser
        self._models, self._gallery, self._rule = models, gallery, rule

    @property
    def gallery(self) -> Gallery:
        """What is searched."""
        return self._gallery

    @property
    def judge(self) -> FaceJudge:
        """What judges single faces, liveness off."""
        parts = self._models.parts(self._gallery, self._rule, LivenessPolicy.OFF, one_person_at_a_time=False)
        return parts.judge

    def recogniser(self, *, one_person_at_a_time: bool = False, **gate: object) -> Recogniser:
        """What judges still pictures, liveness off, with some settings of the gate changed."""
        asked = RecognitionSettings(liveness=LivenessPolicy.OFF, one_person_at_a_time=one_person_at_a_time)
        self._models.judging = replace(self._models.judging, recognition=asked)
        changed = replace(self._models.judging.gate, **gate)  # type: ignore[arg-type] # as the test says
        self._models.judging = replace(self._models.judging, gate=changed)
        return open_recogniser(self._models, self._gallery, self._rule)

    def walk(self, policy: DoorPolicy, frames: Sequence[NDArray[np.uint8]]) -> tuple[TrackDecision, ...]:
        """Shows a door frames, thirty a second, and then nobody for five seconds."""
        parts = open_gate_parts(self._models, self._gallery, self._rule, policy, GateLoopSettings())
        identifier = TrackingIdentifier(parts)
        found: list[TrackDecision] = []
        for number, bgr_hwc in enumerate(frames, start=1):
            found += identifier.push(frame_of(bgr_hwc, number, number * FRAME_NS))
        found += identifier.idle(len(frames) * FRAME_NS + 5_000_000_000)
        return tuple(found)


@contextmanager
def open_masked_faces(folder: Path, pack: InstalledPack, gate: GateSettings | None = None) -> Iterator[MaskedFaces]:
    """Opens the models of a pack and a gallery."""
    with ExitStack() as stack:
        runtime = open_runtime(InferenceSettings(), None)
        stack.callback(runtime.close)
        judging = JudgingSettings(gate=gate or GateSettings())
        models = PackModels(pack, runtime, judging)
        settings = GallerySettings(spare_disk_bytes=0)
        gallery = stack.enter_context(open_gallery(folder, pack.manifest.embedding_id, settings))
        yield MaskedFaces(models, gallery, OpenSetRule(pack.manifest.calibration, judging.open_set))
