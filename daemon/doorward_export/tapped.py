"""A pack opened for training: its detector, its crops, and its embedder with inner values laid open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from numpy.typing import NDArray

from doorward_daemon.inference import CompiledModel, InferenceSettings, open_runtime
from doorward_daemon.model.face import Face
from doorward_daemon.packs.build.head_fusion import add_statistics, remove_head
from doorward_daemon.packs.manifest import InstalledPack, ModelEntry, ModelRole
from doorward_daemon.packs.quality_head import Tap
from doorward_daemon.vision.alignment import Aligner
from doorward_daemon.vision.blob import to_blob
from doorward_daemon.vision.detection import DetectionSettings, Detector, open_detector

STATISTICS = "statistics"
_AT_ONCE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the embedder computed of crops."""

    vectors: NDArray[np.float32]
    """(N, E) float32: centred by the pack, length 1."""
    inputs: NDArray[np.float16]
    """(N, D) float16: what the head reads."""


class TappedPack:
    """Crops faces and reads what the embedder computes.

    Args:
        pack: installed.
        detector: of the pack.
        model: the embedder with the output `statistics`.
        entry: of the embedder.
    """

    def __init__(self, pack: InstalledPack, detector: Detector, model: CompiledModel, entry: ModelEntry) -> None:
        self.manifest = pack.manifest
        self.entry = entry
        self._detector = detector
        self._model = model
        self._aligner = Aligner(pack.manifest.alignment)
        self._centre = np.asarray(pack.manifest.centre, np.float64) if pack.manifest.centre else 0.0

    def find(self, bgr_hwc: NDArray[np.uint8]) -> Face | None:
        """The largest face of a picture."""
        faces = self._detector.detect(bgr_hwc).largest_first()
        return faces[0] if faces else None

    def crop(self, bgr_hwc: NDArray[np.uint8], landmarks_px: NDArray[np.float32]) -> NDArray[np.uint8]:
        """The aligned crop the embedder takes, black beyond the border."""
        return self._aligner.align(bgr_hwc, landmarks_px).bgr_hwc

    @property
    def side_px(self) -> int:
        """Side of those crops."""
        return self.manifest.alignment.size_px

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> Reading:
        """Runs the embedder on crops; at least one."""
        vectors, inputs = [], []
        for begin in range(0, len(crops), _AT_ONCE):
            found = self._model.infer(to_blob(crops[begin : begin + _AT_ONCE], self.entry.input))
            raw = found[self.entry.outputs[0]].astype(np.float64)
            unit = raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9) - self._centre
            vectors.append(unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9))
            inputs.append(np.clip(found[STATISTICS], -60000, 60000).astype(np.float16))
        return Reading(np.concatenate(vectors).astype(np.float32), np.concatenate(inputs))


@contextmanager
def open_tapped(pack: InstalledPack, taps: Sequence[Tap], threads: int) -> Iterator[TappedPack]:
    """Opens a pack for training.

    Args:
        pack: installed; a head that is fused into it already is taken out first.
        taps: inner values to lay open.
        threads: for inference.

    Raises:
        ValueError: the embedder has no such values.
        Conflict, Fault: the pack cannot be opened.
    """
    entry = pack.manifest.of_role(ModelRole.EMBEDDER)[0]
    runtime = open_runtime(InferenceSettings(runtime="onnxruntime", threads=threads), None)
    with TemporaryDirectory() as folder:
        model = onnx.load(pack.path_of(entry), load_external_data=False)
        remove_head(model)
        add_statistics(model, taps, STATISTICS)
        path = Path(folder) / "tapped.onnx"
        onnx.save(model, path)
        compiled = runtime.compile(
            path, input_name=entry.input.name, shape=(None, 3, entry.input.height_px, entry.input.width_px)
        )
        try:
            yield TappedPack(pack, open_detector(pack, runtime, DetectionSettings()), compiled, entry)
        finally:
            runtime.close()
