"""What a pack says about itself: its models, how pictures enter them, and how its numbers are to be read."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.remedy import way_to
from doorward_daemon.packs.source import SourceFile


class ModelRole(StrEnum):
    """What a model is for."""

    DETECTOR = "detector"
    EMBEDDER = "embedder"
    LIVENESS = "liveness"
    QUALITY = "quality"


class ChannelOrder(StrEnum):
    """Order of the three channels a model was trained on."""

    BGR = "BGR"
    RGB = "RGB"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputLayout:
    """How a picture enters a model: NCHW float32, value = (pixel 0..255 * scale - mean) / std per channel."""

    name: str
    """Name of the graph's input."""
    channels: ChannelOrder
    """Channel order; wrong order turns spoofs into living people (Silent-Face models)."""
    height_px: int | None = None
    """Height; None = any multiple of 32."""
    width_px: int | None = None
    """Width; None = any multiple of 32."""
    scale: float = 1.0
    """Factor on the pixel before mean and std."""
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Subtracted after scaling, in the order of `channels`."""
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Divisor, in the order of `channels`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRecord:
    """How a quantised model came about, and what it costs; without one a quantised model is not opened."""

    method: str
    """Tool and version, e.g. `nncf 3.4.0`."""
    data: str
    """Name of the pictures it was calibrated with."""
    data_sha256: str
    """Hash over the pictures' hashes, sorted."""
    n_pictures: int
    """How many there were."""
    accuracy: str
    """What was measured before and after, and on what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelVariant:
    """The same model in another precision."""

    precision: str
    """int8."""
    file: str
    """File name in the installed pack."""
    sha256: str
    """Hash of that file."""
    size_bytes: int
    """Size of that file."""
    record: CalibrationRecord
    """How it came about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One model file of a pack."""

    name: str
    """Name within the pack, e.g. `yunet`, `mobilefacenet`, `minifasnet_v2`, `mtcnn_pnet`, `dlib_resnet`."""
    role: ModelRole
    """What it is for."""
    kind: str
    """Which decoder reads its outputs: yunet, mtcnn_pnet, mtcnn_rnet, mtcnn_onet, embedder, minifasnet."""
    file: str
    """File name in the installed pack."""
    sha256: str
    """Hash of that file, 64 hexadecimal digits."""
    size_bytes: int
    """Size of that file."""
    licence: str
    """SPDX identifier of the weights' licence."""
    sources: tuple[str, ...]
    """Where the weights come from."""
    source_sha256: str
    """Hash of the upstream file or archive the model was made from."""
    training_data: str
    """What is known of the data the weights were trained on."""
    input: InputLayout
    """How a picture enters it."""
    outputs: tuple[str, ...]
    """Names of the graph's outputs, in the decoder's order."""
    crop_scale: float = 0.0
    """Liveness models: side of the crop over side of the face box in training; 0 for other roles."""
    variants: tuple[ModelVariant, ...] = ()
    """The same model in other precisions, made on this box by `python -m doorward_export quantize`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """Where the five landmarks lie in the aligned crop of the embedder."""

    size_px: int
    """Side of the square crop."""
    template_px: tuple[tuple[float, float], ...]
    """Five (x, y): right eye, left eye, nose tip, right and left mouth corner, in pixels of the crop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How the numbers of a pack are to be read; measured, see `data`."""

    thresholds_at_fmr: tuple[tuple[float, float], ...]
    """(false match rate, comparison score) pairs, rates falling, scores rising."""
    margin: float
    """Comparison score by which the best subject must lead the best other one."""
    similarity_slope: float
    """Slope of similarity = 1 / (1 + exp(-slope * (score - threshold)))."""
    duplicate_score: float
    """Comparison score from which two subjects count as the same person at enrolment."""
    outlier_score: float
    """Comparison score below which a new reference does not resemble the subject's others."""
    norm_reference: float
    """Median embedding norm of clean portraits."""
    norm_lost: float
    """Embedding norm at which identity is lost as often as kept."""
    norm_weight: float
    """Weight of the embedding norm in the first combined quality score, 0 = not used."""
    quality: tuple[tuple[str, float], ...] = ()
    """Further named constants of the quality mapping of this pack."""
    search_threshold: float = -1.0
    """Least comparison score at which a search names anybody, however small the gallery."""
    crowding_normal: float = 1.0
    """Crowding (likeness to the cohort) up to which the thresholds hold; what a face has above it, they rise by."""
    cohort: str = field(default="", repr=False)
    """Mean faces of many portraits, base64 of (K, D) int8; empty = none."""
    data: str = ""
    """The data and the command it was measured with."""
    verification_fmr: float = 1e-3
    """False match rate of one comparison at the operating threshold (1:1)."""
    target_fpir: float = 1e-3
    """False positive identification rate a search aims at where the configuration names none."""
    origin: str = ""
    """Where a calibration comes from that is not the pack's own, e.g. `site 2026-03-31`."""


class Polarity(StrEnum):
    """Which way a score of a model points."""

    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityOutput:
    """Where the pack's own quality score comes from, and how its number becomes 0..1."""

    model: str
    """Name of the model that gives it: the embedder, or one of role quality that takes the same crop."""
    output: str
    """Name of the graph's output, (N, K); the mean of its K numbers counts."""
    polarity: Polarity
    """Which way it points; checked with the golden picture before a gate is activated."""
    slope: float = 1.0
    """score = logistic(slope * (number - midpoint)), number and midpoint negated where lower is better; above 0."""
    midpoint: float = 0.0
    """Number at which the score is 0.5."""
    mask_output: str = ""
    """Output whose logistic says how likely a mask is worn; empty = none."""
    cover_output: str = ""
    """Output whose logistic says how likely something else covers the face; empty = none."""
    head: str = ""
    """File of Doorward's own head, fused into the model's graph by the build; empty = the model has its own."""
    head_sha256: str = ""
    """Hash of that file."""
    lost_cosine: float = 0.3
    """Cosine to the clean picture below which identity is lost in this embedding space."""
    kept_cosine: float = 0.5
    """Cosine from which it is kept."""

    def __post_init__(self) -> None:
        """Raises ValueError on a slope that is not above 0."""
        if not self.slope > 0.0:
            raise ValueError(f"quality.slope: expected a number above 0, found {self.slope}; polarity turns the sign")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackManifest:
    """A set of models that belong together."""

    name: str
    """compact, starter."""
    version: str
    """Version of this description."""
    description: str
    """One sentence."""
    models: tuple[ModelEntry, ...]
    """Its models; the detector's stages in the order they run."""
    embedding_id: str
    """Identity of the embedding space: pack name, head of a hash over source weights, alignment, input and centre."""
    embedding_dimension: int
    """Numbers in an embedding."""
    alignment: Alignment
    """Alignment of the embedder's crop."""
    calibration: Calibration
    """How its numbers are to be read."""
    quality: QualityOutput | None = None
    """The pack's own quality score; None = it has none, components and norm are combined instead."""
    centre: tuple[float, ...] = field(default=(), repr=False)
    """Mean raw embedding, L2-normalised input space, subtracted before normalising again; empty = none."""
    source_files: tuple[SourceFile, ...] = field(default=(), repr=False)
    """The upstream files its models were made from."""

    def of_role(self, role: ModelRole) -> tuple[ModelEntry, ...]:
        """The models of one role, in order."""
        return tuple(model for model in self.models if model.role is role)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPack:
    """A pack on this box whose files have been checked against their hashes."""

    manifest: PackManifest
    """What it says about itself, hashes as installed."""
    folder: Path
    """Folder that holds its files."""

    def path_of(self, model: ModelEntry) -> Path:
        """File of one of its models.

        Raises:
            Conflict: PACK_MISSING, the file is not there.
        """
        path = self.folder / model.file
        if not path.is_file():
            raise Conflict(
                ErrorReason.PACK_MISSING,
                f"pack {self.manifest.name}: {path} is missing; {way_to(self.manifest.name)}",
            )
        return path
