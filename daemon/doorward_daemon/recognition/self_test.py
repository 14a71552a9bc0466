"""The self-test: a golden picture with a known answer goes through the live pipeline."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import numpy as np

from doorward_daemon.errors import DoorwardError
from doorward_daemon.model.decision import Feature
from doorward_daemon.model.self_test import SelfTestCheck, SelfTestReport

GOLDEN_FILE = "golden.json"
"""Name of a pack's own golden answer in its folder."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an answer may be from the golden one."""

    box_px: float
    """Of boxes and landmarks, pixels."""
    cosine: float
    """Least cosine of the embeddings."""
    quality: float
    """Of the quality score."""


TOLERANCES = {
    # Both runtimes agree within 0.05 px and to 0.99999; what bf16 does is noticed here.
    "f32": Tolerance(box_px=0.5, cosine=0.9999, quality=0.02),
    # bf16 moves landmarks by up to 0.74 px, and the crop with them.
    "bf16": Tolerance(box_px=2.0, cosine=0.995, quality=0.05),
    # Of the quantised models of compact: `python -m doorward_export quantize` prints what they do on many pictures.
    "int8": Tolerance(box_px=4.0, cosine=0.97, quality=0.1),
}
"""By precision; the golden answers are those of f32."""


@dataclass(frozen=True, slots=True)
class GoldenAnswer:
    """What a healthy pipeline says about the golden picture."""

    xyxy_px: tuple[float, ...]
    """Box of the face: left, top, right, bottom in pixels."""
    landmarks_px: tuple[float, ...]
    """x, y of the five landmarks in pixels."""
    embedding: tuple[float, ...]
    """The template, length 1."""
    quality_score: float
    """Quality score, 0..1."""
    precision: str = "f32"
    """Precision the pipeline computes in, which decides how exact it has to be."""

    @classmethod
    def of(cls, feature: Feature) -> "GoldenAnswer":
        """The answer as it is now."""
        quality = feature.judged.quality
        return cls(
            tuple(round(float(value), 3) for value in feature.judged.face.xyxy_px),
            tuple(round(float(value), 3) for value in feature.judged.face.landmarks_px.ravel()),
            tuple(round(value, 6) for value in feature.vector),
            round(quality.score if quality else 0.0, 4),
        )

    def to_json(self) -> str:
        """The text of a golden file."""
        numbers = asdict(self)
        del numbers["precision"]
        return json.dumps(numbers, indent=1) + "\n"


def golden_picture() -> bytes:
    """The encoded golden picture."""
    return resources.files("doorward_daemon.recognition").joinpath("golden", "astronaut.png").read_bytes()


def golden_answer(pack: str, precision: str = "f32", folder: Path | None = None) -> GoldenAnswer | None:
    """The known answer of a pack; None for a pack without one.

    Args:
        pack: its name.
        precision: the pipeline computes in.
        folder: of the installed pack; one made of a user's own weights brings its answer along.
    """
    own = None if folder is None else folder / GOLDEN_FILE
    shipped = resources.files("doorward_daemon.recognition").joinpath("golden", f"{pack}.json")
    file = own if own is not None and own.is_file() else shipped
    if not file.is_file():
        return None
    raw = json.loads(file.read_text(encoding="utf-8"))
    return GoldenAnswer(
        tuple(raw["xyxy_px"]), tuple(raw["landmarks_px"]), tuple(raw["embedding"]), raw["quality_score"], precision
    )


def run_self_test(extract: Callable[[bytes], Feature], expected: GoldenAnswer | None) -> SelfTestReport:
    """Sends the golden picture through the pipeline and compares.

    Args:
        extract: the live pipeline.
        expected: the known answer; None fails the test, an unknown pack is not a healthy one.
    """
    started_ns, run_at = time.perf_counter_ns(), datetime.now(UTC)
    try:
        checks = _compare(extract(golden_picture()), expected)
    except DoorwardError as error:
        checks = (SelfTestCheck("pipeline", passed=False, detail=f"{error.reason}: {error.message}"),)
    return SelfTestReport(checks, run_at, (time.perf_counter_ns() - started_ns) / 1e6)


def golden_check(extract: Callable[[bytes], Feature], expected: GoldenAnswer | None) -> Callable[[], str]:
    """What an accelerator has to pass before it is used.

    Args:
        extract: the live pipeline.
        expected: the known answer of its pack; None for a pack without one, where comparing every network with the
            CPU has to do.

    Returns:
        Gives what is wrong; empty where nothing is.
    """
    return lambda: "" if expected is None else run_self_test(extract, expected).failure


def _compare(found: Feature, expected: GoldenAnswer | None) -> tuple[SelfTestCheck, ...]:
    if expected is None:
        return (SelfTestCheck("golden", passed=False, detail="no known answer for this pack"),)
    face, allowed = found.judged.face, TOLERANCES[expected.precision.partition("/")[0]]
    score = found.judged.quality.score if found.judged.quality else float("nan")
    return (
        _check_distance("boxes", face.xyxy_px, expected.xyxy_px, allowed.box_px),
        _check_distance("landmarks", face.landmarks_px.ravel(), expected.landmarks_px, allowed.box_px),
        _check_embedding(found.vector, expected.embedding, allowed.cosine),
        SelfTestCheck(
            "quality",
            passed=abs(score - expected.quality_score) <= allowed.quality,
            detail=f"expected {expected.quality_score:.3f} within {allowed.quality}, found {score:.3f}",
        ),
    )


def _check_distance(name: str, found: np.ndarray, expected: tuple[float, ...], most_px: float) -> SelfTestCheck:
    distance = float(np.max(np.abs(found - np.asarray(expected)))) if len(found) == len(expected) else float("inf")
    return SelfTestCheck(
        name,
        passed=distance <= most_px,
        detail=f"off by {distance:.3f} px, at most {most_px} px",
    )


def _check_embedding(found: tuple[float, ...], expected: tuple[float, ...], least: float) -> SelfTestCheck:
    if len(found) != len(expected):
        return SelfTestCheck("embedding", passed=False, detail=f"expected {len(expected)} numbers, found {len(found)}")
    known = np.asarray(expected)
    cosine = float(np.dot(found, known) / np.linalg.norm(known))
    return SelfTestCheck("embedding", passed=cosine >= least, detail=f"cosine {cosine:.6f}, at least {least}")
