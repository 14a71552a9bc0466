"""The embedder of a pack."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason, Fault
from doorward_daemon.inference import CompiledModel, Runtime
from doorward_daemon.model.template import Embedding, Template
from doorward_daemon.packs.manifest import InstalledPack, ModelEntry, ModelRole, PackManifest
from doorward_daemon.packs.remedy import way_to
from doorward_daemon.vision.alignment import AlignedFace
from doorward_daemon.vision.blob import to_blob
from doorward_daemon.vision.embedding.native_score import NOTHING, NativeScores, read_scores

_SMALLEST_NORM = 1e-6
# A run of more faces is no faster on a processor and only holds more memory.
_MOST_AT_ONCE = 16


class QualityModel:
    """A network of its own that gives the pack's quality score for the embedder's crops. Thread-safe.

    Args:
        model: the network.
        entry: what the manifest says about it.
    """

    def __init__(self, model: CompiledModel, entry: ModelEntry) -> None:
        self._model = model
        self._entry = entry

    def infer(self, crops: Sequence[AlignedFace]) -> dict[str, NDArray[np.float32]]:
        """Runs it on crops.

        Raises:
            Fault: INFERENCE_FAILED.
        """
        return self._model.infer(to_blob([crop.bgr_hwc for crop in crops], self._entry.input))


class Embedder:
    """Runs the embedder network. Thread-safe.

    Args:
        model: the network.
        entry: what the manifest says about it.
        manifest: of the pack: embedding space and centre.
        precision: it is computed in.
        judge: the network that gives the pack's quality score, where the embedder does not.
    """

    def __init__(
        self,
        model: CompiledModel,
        entry: ModelEntry,
        manifest: PackManifest,
        precision: str,
        judge: QualityModel | None = None,
    ) -> None:
        self._model = model
        self._quality = manifest.quality
        self._judge = judge
        self._entry = entry
        self._embedding_id = manifest.embedding_id
        self._dimension = manifest.embedding_dimension
        self._precision = precision
        self._centre = np.asarray(manifest.centre, np.float64) if manifest.centre else None

    def embed(self, crop: AlignedFace) -> Embedding:
        """Embeds one face.

        Raises:
            Fault: INFERENCE_FAILED, the network failed or gave no direction (NaN, infinity, zero).
        """
        return self.embed_many([crop])[0]

    def embed_many(self, crops: Sequence[AlignedFace]) -> list[Embedding]:
        """Embeds several faces.

        Args:
            crops: aligned to the pack's template; may be empty.

        Returns:
            One embedding per crop, in their order.

        Raises:
            Fault: INFERENCE_FAILED, as above, for any of them.
        """
        runs = [crops[begin : begin + _MOST_AT_ONCE] for begin in range(0, len(crops), _MOST_AT_ONCE)]
        return [embedding for run in runs for embedding in self._embed_run(run)]

    def _embed_run(self, crops: Sequence[AlignedFace]) -> list[Embedding]:
        blob = to_blob([crop.bgr_hwc for crop in crops], self._entry.input)
        outputs = self._model.infer(blob)
        raw = outputs[self._entry.outputs[0]]
        if raw.shape != (len(crops), self._dimension):
            raise self._useless(f"an output of {raw.shape}, expected {(len(crops), self._dimension)}")
        if self._judge is not None:
            outputs = self._judge.infer(crops)
        return [self._embedding(vector, self._scores(outputs, index)) for index, vector in enumerate(raw)]

    def _scores(self, outputs: Mapping[str, NDArray[np.float32]], index: int) -> NativeScores:
        if self._quality is None:
            return NOTHING
        try:
            return read_scores(outputs, self._quality, index)
        except (KeyError, IndexError) as error:
            raise self._useless(f"no quality score ({error})") from error

    def _embedding(self, raw: NDArray[np.float32], scores: NativeScores) -> Embedding:
        vector, norm = self._direction(raw)
        if self._centre is not None:
            # What all faces of a crowded space have in common says nothing about who it is.
            vector, _ = self._direction(vector - self._centre)
        template = Template(vector.astype(np.float32), self._embedding_id, self._precision)
        return Embedding(template, norm, scores.quality, scores.mask, scores.cover)

    def _direction(self, vector: NDArray[np.floating]) -> tuple[NDArray[np.float64], float]:
        """Divides a vector by its length, in double precision so that no batch size shows in the result."""
        exact = vector.astype(np.float64)
        norm = float(np.linalg.norm(exact))
        if not np.isfinite(norm) or norm < _SMALLEST_NORM:
            raise self._useless(f"a vector of length {norm}")
        return exact / norm, norm

    def _useless(self, found: str) -> Fault:
        return Fault(
            ErrorReason.INFERENCE_FAILED,
            f"the embedder {self._entry.name} gave {found}; run the self-test, the device may compute wrongly",
            metadata={"model": self._entry.name},
        )


def open_embedder(pack: InstalledPack, runtime: Runtime) -> Embedder:
    """Opens the embedder of a pack.

    Raises:
        Conflict: PACK_DAMAGED, the pack names no embedder; PACK_MISSING, its file is not there.
        Fault: INFERENCE_FAILED, it does not compile.
    """
    entries = pack.manifest.of_role(ModelRole.EMBEDDER)
    if len(entries) != 1:
        raise Conflict(
            ErrorReason.PACK_DAMAGED,
            f"pack {pack.manifest.name}: expected one embedder, found {len(entries)}; {way_to(pack.manifest.name)}",
        )
    model = _compile(pack, entries[0], runtime)
    return Embedder(model, entries[0], pack.manifest, runtime.truth.actual_precision, _open_judge(pack, runtime))


def _open_judge(pack: InstalledPack, runtime: Runtime) -> QualityModel | None:
    named = pack.manifest.quality.model if pack.manifest.quality else ""
    judges = [entry for entry in pack.manifest.of_role(ModelRole.QUALITY) if entry.name == named]
    return QualityModel(_compile(pack, judges[0], runtime), judges[0]) if judges else None


def _compile(pack: InstalledPack, entry: ModelEntry, runtime: Runtime) -> CompiledModel:
    size = (entry.input.height_px, entry.input.width_px)
    return runtime.compile(pack.path_of(entry), input_name=entry.input.name, shape=(None, 3, *size))
