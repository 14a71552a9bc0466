"""The crop of the liveness networks, and how their answers become a verdict."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from doorward_daemon.inference import InferenceSettings, Runtime, open_runtime
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import LivenessAssessment, LivenessReason, LivenessVerdict
from doorward_daemon.packs.manifest import ModelRole
from doorward_daemon.vision.liveness import LivenessChecker, LivenessSettings, cut_crop, open_liveness
from doorward_testing.one_model_pack import tiny_entry, tiny_pack
from doorward_testing.tiny_network import save_affine, save_embedder

SURE = float(np.log(0.98 / 0.01))


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return open_runtime(InferenceSettings(runtime="onnxruntime"), None)


def face(left: float, top: float, right: float, bottom: float) -> Face:
    return Face(np.array([left, top, right, bottom], np.float32), np.zeros((5, 2), np.float32), 0.9)


def coordinates(height: int, width: int) -> np.ndarray:
    """A picture whose pixels say where they are: blue = x, green = y."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.dstack([columns, rows, np.zeros_like(rows)]).astype(np.uint8)


def checker(
    runtime: Runtime, folder: Path, *logits: tuple[float, float, float], scale: float = 2.0, gain: float = 0.0
) -> LivenessChecker:
    entries = []
    for number, constant in enumerate(logits):
        file = save_embedder(folder / f"net{number}.onnx", gain=gain, bias=constant)
        entry = tiny_entry(file, ModelRole.LIVENESS, "minifasnet", outputs=("embedding",))
        entries.append(replace(entry, crop_scale=scale))
    opened = open_liveness(tiny_pack(folder, *entries), runtime, LivenessSettings())
    assert opened is not None
    return opened


def assess(checked: LivenessChecker, found: Face) -> LivenessAssessment:
    return checked.assess(np.full((200, 200, 3), 128, np.uint8), found)


MIDDLE = face(80, 80, 120, 120)
CLOSE = face(5, 5, 195, 195)


def test_a_crop_in_the_open_is_centred_and_includes_its_last_pixel():
    crop = cut_crop(coordinates(200, 200), face(90, 80, 110, 110), 2.0, 61)
    assert crop is not None
    assert crop.scale_ratio == pytest.approx(1.0)
    # 20x30 box, centre (100, 95): 40x60 from (80, 65) to (120, 125), both included: 41x61 pixels.
    assert crop.bgr_hwc[:, 0, 0].tolist() == [80] * 61
    assert crop.bgr_hwc[:, -1, 0].tolist() == [120] * 61
    assert crop.bgr_hwc[0, 0, 1] == 65
    assert crop.bgr_hwc[-1, 0, 1] == 125


def test_a_crop_at_the_border_is_pushed_inside_and_keeps_its_size():
    crop = cut_crop(coordinates(200, 200), face(0, 180, 20, 200), 3.0, 61)
    assert crop is not None
    assert crop.scale_ratio == pytest.approx(1.0)
    assert (crop.bgr_hwc[0, 0, 0], crop.bgr_hwc[0, -1, 0]) == (0, 60)
    assert (crop.bgr_hwc[0, 0, 1], crop.bgr_hwc[-1, 0, 1]) == (139, 199)


def test_a_face_that_fills_the_picture_is_seen_at_the_scale_that_is_left():
    crop = cut_crop(coordinates(201, 101), face(0, 0, 50, 100), 4.0, 80)
    assert crop is not None
    assert crop.scale_ratio == pytest.approx(0.5)
    assert (crop.bgr_hwc[0, 0, 0], crop.bgr_hwc[0, -1, 0]) == (0, 100)


@pytest.mark.parametrize(
    "found",
    [
        face(10, 10, 10, 40),
        face(30, 30, 10, 10),
        face(np.nan, 0, 10, 10),
        face(0, 0, np.inf, 10),
        face(9e5, 9e5, 9.1e5, 9.1e5),
        face(-9e5, -9e5, -8e5, -8e5),
    ],
    ids=["no width", "turned", "nan", "infinite", "far away", "far before"],
)
def test_a_box_that_is_none_gives_no_exception(runtime: Runtime, tmp_path: Path, found: Face):
    picture = np.zeros((50, 60, 3), np.uint8)
    crop = cut_crop(picture, found, 2.7, 80)
    assert crop is None or crop.bgr_hwc.shape == (80, 80, 3)
    verdict = checker(runtime, tmp_path, (0, SURE, 0)).assess(picture, found).verdict
    assert crop is not None or verdict is LivenessVerdict.UNSURE


@pytest.mark.parametrize("size", [(1, 1), (1, 60), (60, 1)])
def test_a_picture_of_one_pixel_gives_no_exception(runtime: Runtime, tmp_path: Path, size: tuple[int, int]):
    found = checker(runtime, tmp_path, (0, SURE, 0)).assess(np.zeros((*size, 3), np.uint8), face(0, 0, 30, 30))
    assert found.verdict is LivenessVerdict.UNSURE


@pytest.mark.parametrize(
    ("logits", "verdict"),
    [
        ((0, SURE, 0), LivenessVerdict.LIVE),
        ((SURE, 0, 0), LivenessVerdict.SPOOF),
        ((0, 0, SURE), LivenessVerdict.SPOOF),
        ((0, float(np.log(2)), 0), LivenessVerdict.UNSURE),
    ],
    ids=["real", "flat", "solid", "half"],
)
def test_class_one_is_a_living_person(runtime: Runtime, tmp_path: Path, logits, verdict: LivenessVerdict):
    assert assess(checker(runtime, tmp_path, logits), MIDDLE).verdict is verdict


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["first doubts", "second doubts"])
def test_an_attack_has_to_convince_every_network(runtime: Runtime, tmp_path: Path, order: tuple[int, int]):
    answers = [(SURE, 0.0, 0.0), (0.0, SURE, 0.0)]
    found = assess(checker(runtime, tmp_path, *(answers[place] for place in order)), MIDDLE)
    assert found.score == pytest.approx(0.01, abs=1e-4)
    assert found.verdict is LivenessVerdict.SPOOF
    assert found.effective_scale_ratios == (1.0, 1.0)


def test_a_network_that_sees_enough_outweighs_one_that_does_not():
    settings = LivenessSettings()
    seen = settings.judge((0.02, 0.9), (0.9, 0.5))
    assert (seen.verdict, seen.score) == (LivenessVerdict.SPOOF, 0.02)
    # The other way round the doubt is that of a network that sees too little, which calls the living attacks too.
    unseen = settings.judge((0.95, 0.02), (0.9, 0.5))
    assert (unseen.verdict, unseen.score) == (LivenessVerdict.UNSURE, 0.95)
    assert unseen.reason is LivenessReason.SURROUNDINGS_CUT


def test_where_no_network_sees_enough_their_mean_counts():
    found = LivenessSettings().judge((0.3, 0.1), (0.4, 0.3))
    assert (found.verdict, found.score) == (LivenessVerdict.UNSURE, pytest.approx(0.2))
    assert LivenessSettings().judge((0.1, 0.05), (0.4, 0.3)).verdict is LivenessVerdict.SPOOF


def test_doubt_says_why():
    assert LivenessSettings().judge((0.5,), (1.0,)).reason is LivenessReason.BETWEEN_THRESHOLDS
    assert LivenessSettings().judge((0.9,), (0.5,)).reason is LivenessReason.SURROUNDINGS_CUT
    assert LivenessSettings().judge((0.9,), (1.0,)).reason is None


@pytest.mark.parametrize(
    ("real", "verdict"),
    [(0.61, LivenessVerdict.LIVE), (0.59, LivenessVerdict.UNSURE), (0.41, LivenessVerdict.UNSURE),
     (0.39, LivenessVerdict.SPOOF)],
)  # fmt: skip
def test_verdicts_begin_at_the_thresholds(runtime: Runtime, tmp_path: Path, real: float, verdict: LivenessVerdict):
    logit = float(np.log(2 * real / (1 - real)))
    assert assess(checker(runtime, tmp_path, (0, logit, 0)), MIDDLE).verdict is verdict


def test_a_network_that_sees_too_little_is_not_believed(runtime: Runtime, tmp_path: Path):
    found = assess(checker(runtime, tmp_path, (0, SURE, 0)), CLOSE)
    assert found.effective_scale_ratios[0] < 0.6
    assert found.verdict is LivenessVerdict.UNSURE
    assert found.score == pytest.approx(0.98, abs=1e-3)


def test_strong_evidence_of_an_attack_counts_even_from_close_by(runtime: Runtime, tmp_path: Path):
    weak = float(np.log(2 * 0.2 / 0.8))
    assert assess(checker(runtime, tmp_path, (0, weak, 0)), MIDDLE).verdict is LivenessVerdict.SPOOF
    assert assess(checker(runtime, tmp_path, (0, weak, 0)), CLOSE).verdict is LivenessVerdict.UNSURE
    assert assess(checker(runtime, tmp_path, (SURE, 0, 0)), CLOSE).verdict is LivenessVerdict.SPOOF


def test_a_screens_pattern_is_looked_for_only_where_a_network_sees_too_little(runtime: Runtime, tmp_path: Path):
    y, x = np.mgrid[0:200, 0:200]
    striped = np.repeat((128 + 40 * np.sin(1.3 * x + 0.2 * y))[..., None], 3, axis=2).astype(np.uint8)
    opened = checker(runtime, tmp_path, (0, SURE, 0))
    seen = opened.assess(striped, MIDDLE)
    assert (seen.verdict, seen.cues) == (LivenessVerdict.LIVE, ())
    unseen = opened.assess(striped, CLOSE)
    assert (unseen.verdict, unseen.reason) == (LivenessVerdict.SPOOF, LivenessReason.SCREEN_PATTERN)
    assert any(cue.is_found for cue in unseen.cues)
    plain = assess(opened, CLOSE)
    assert plain.verdict is LivenessVerdict.UNSURE
    assert [cue.is_found for cue in plain.cues] == [False, False]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_network_gone_wrong_proves_nothing(runtime: Runtime, tmp_path: Path, value: float):
    for place in range(3):
        logits = [0.0, SURE, 0.0]
        logits[place] = value
        found = assess(checker(runtime, tmp_path, tuple(logits)), MIDDLE)
        assert found.verdict is LivenessVerdict.UNSURE
        assert found.score is None
        assert found.reason is LivenessReason.NO_SCORE


def test_a_pack_without_liveness_has_no_checker(runtime: Runtime, tmp_path: Path):
    file = save_affine(tmp_path / "affine.onnx")
    pack = tiny_pack(tmp_path, tiny_entry(file, ModelRole.EMBEDDER, "embedder", outputs=()))
    assert open_liveness(pack, runtime) is None


def test_thresholds_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="spoof_threshold: expected below live_threshold"):
        LivenessSettings(live_threshold=0.4, spoof_threshold=0.6)
