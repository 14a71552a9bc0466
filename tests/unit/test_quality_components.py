"""The components measure what they are named after, in the units and directions of the standard."""

import math

import cv2
import numpy as np
import pytest

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.alignment import ARCFACE_112, AlignedFace, Aligner
from doorward_daemon.vision.quality import ComponentName, measure_components
from doorward_daemon.vision.quality.head_pose import estimate_head_pose
from doorward_testing.pictures import astronaut

TEMPLATE = np.array(ARCFACE_112.template_px, np.float32)
MEAN_FACE = np.array([[-0.5, 0.5, 0.0, -0.42, 0.42], [0.0, 0.0, 0.56, 1.05, 1.05], [0.0, 0.0, 0.5, 0.0, 0.0]])


def face_at(landmarks: np.ndarray, score: float = 0.9) -> Face:
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    box = np.concatenate([low - (high - low) * 0.5, high + (high - low) * 0.5])
    return Face(box.astype(np.float32), landmarks.astype(np.float32), score)


def textured(side: int = 300, seed: int = 3) -> np.ndarray:
    """A picture with structure at all scales, as natural pictures have (amplitude falls with frequency)."""
    rng = np.random.default_rng(seed)
    total = np.zeros((side, side, 3))
    for step in (1, 2, 4, 8, 16, 32):
        coarse = rng.normal(0, 1, (side // step + 1, side // step + 1, 3))
        total += step**0.9 * cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(128 + total * 6, 0, 255).astype(np.uint8)


def measure(bgr: np.ndarray, landmarks: np.ndarray, others: tuple[Face, ...] = ()) -> dict[str, tuple[float, int]]:
    picture = Picture(np.ascontiguousarray(bgr))
    crop = Aligner(ARCFACE_112).align(picture.bgr_hwc, landmarks.astype(np.float32))
    measured = measure_components(picture, face_at(landmarks), crop, others)
    return {item.name: (item.native_value, item.score) for item in measured}


def turned(yaw_deg: float = 0.0, pitch_deg: float = 0.0, roll_deg: float = 0.0, scale: float = 40.0) -> np.ndarray:
    """Landmarks of the mean face, turned; nose to the right and down are positive."""
    yaw, pitch, roll = (math.radians(angle) for angle in (yaw_deg, pitch_deg, roll_deg))
    about_y = [[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]]
    about_x = [[1, 0, 0], [0, math.cos(pitch), math.sin(pitch)], [0, -math.sin(pitch), math.cos(pitch)]]
    about_z = [[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]]
    points = np.array(about_z) @ np.array(about_x) @ np.array(about_y) @ MEAN_FACE
    return (points[:2].T * scale + 150.0).astype(np.float32)


PLACED = TEMPLATE * 1.2 + 60.0


def test_every_component_comes_once_in_a_fixed_order_with_our_own_algorithm_ids():
    picture = Picture(textured())
    crop = Aligner(ARCFACE_112).align(picture.bgr_hwc, PLACED)
    measured = measure_components(picture, face_at(PLACED), crop, ())
    assert [item.name for item in measured] == [name.value for name in ComponentName]
    assert all(item.algorithm_id.startswith("doorward.") and item.algorithm_id.endswith(".1") for item in measured)
    assert len({item.algorithm_id for item in measured}) == len(measured)
    assert all(0 <= item.score <= 100 for item in measured)


@pytest.mark.parametrize("way", [cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4])
def test_a_face_enlarged_from_few_pixels_lacks_the_fine_detail_that_its_size_promises(way: int):
    portrait = np.ascontiguousarray(np.asarray(astronaut())[..., ::-1])
    eyes_nose_mouth = np.array([[200.1, 101.8], [247.1, 102.6], [220.4, 124.5], [198.6, 142.8], [239.7, 143.6]])

    def detail(eyes_kept_px: float) -> float:
        small = cv2.resize(portrait, None, fx=eyes_kept_px / 47, fy=eyes_kept_px / 47, interpolation=cv2.INTER_AREA)
        return measure(cv2.resize(small, (512, 512), interpolation=way), eyes_nose_mouth)["FineDetail"][0]

    found = [detail(kept) for kept in (4, 5, 12, 20)]
    assert max(found[:2]) < -0.5 < 0.0 < min(found[2:])
    large = cv2.resize(portrait, None, fx=2.0, fy=2.0, interpolation=way)
    assert (
        min(measure(portrait, eyes_nose_mouth)["FineDetail"][0], measure(large, 2 * eyes_nose_mouth)["FineDetail"][0])
        > 2
    )


def test_a_little_blur_noise_and_compression_take_no_fine_detail():
    portrait = np.ascontiguousarray(np.asarray(astronaut())[..., ::-1])
    eyes_nose_mouth = np.array([[200.1, 101.8], [247.1, 102.6], [220.4, 124.5], [198.6, 142.8], [239.7, 143.6]])
    noisy = np.clip(portrait + np.random.default_rng(2).normal(0.0, 8.0, portrait.shape), 0, 255).astype(np.uint8)
    compressed = cv2.imdecode(cv2.imencode(".jpg", portrait, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_COLOR)
    for seen in (noisy, compressed, cv2.GaussianBlur(portrait, (0, 0), 1.2)):
        assert measure(seen, eyes_nose_mouth)["FineDetail"][0] > 0.5


@pytest.mark.parametrize(("distance", "score"), [(30, 12), (60, 38), (70, 50), (90, 73), (120, 92)])
def test_inter_eye_distance_maps_as_the_standards_check_values(distance, score):
    landmarks = turned(scale=distance)
    native, mapped = measure(textured(600), landmarks)["InterEyeDistance"]
    assert native == pytest.approx(distance, rel=1e-3)
    assert mapped == score


def test_inter_eye_distance_is_that_of_the_frontal_face():
    native, _ = measure(textured(), turned(yaw_deg=40, scale=50))["InterEyeDistance"]
    assert native == pytest.approx(50, rel=0.02)


@pytest.mark.parametrize("yaw", [-60, -25, 0, 25, 60])
@pytest.mark.parametrize("pitch", [-25, 0, 25])
@pytest.mark.parametrize("roll", [-40, 0, 40])
def test_the_pose_of_a_turned_mean_face_is_found(yaw, pitch, roll):
    pose = estimate_head_pose(turned(yaw, pitch, roll))
    assert pose.yaw_deg == pytest.approx(yaw, abs=1.0)
    assert pose.pitch_deg == pytest.approx(pitch, abs=1.0)


@pytest.mark.parametrize("roll", [-60, -20, 0, 20, 60])
def test_roll_is_the_angle_of_the_eyes(roll):
    assert estimate_head_pose(turned(roll_deg=roll)).roll_deg == pytest.approx(roll, abs=0.1)


@pytest.mark.parametrize(("angle", "score"), [(10, 97), (20, 88), (30, 75), (45, 50)])
def test_pose_scores_map_as_the_standards_check_values(angle, score):
    assert measure(textured(), turned(yaw_deg=angle))["HeadPoseYaw"][1] == pytest.approx(score, abs=1)
    assert measure(textured(), turned(roll_deg=-angle))["HeadPoseRoll"][1] == score


def test_a_second_face_lowers_single_face_present_by_its_area():
    alone = measure(textured(), PLACED)["SingleFacePresent"]
    first = face_at(PLACED)
    half = Face(first.xyxy_px * np.sqrt(0.5).astype(np.float32), first.landmarks_px.copy(), 0.8)
    assert alone == (0.0, 100)
    native, score = measure(textured(), PLACED, (half,))["SingleFacePresent"]
    assert native == pytest.approx(0.5, abs=0.01)
    assert score == 50


def test_margins_fall_where_the_face_nears_the_border():
    middle, left = measure(textured(), PLACED), measure(textured(), PLACED - np.array([95, 0]))
    low = measure(textured(), PLACED + np.array([0, 75]))
    assert middle["LeftwardCropOfTheFaceImage"][1] == 100
    assert left["LeftwardCropOfTheFaceImage"][1] < 10 < left["RightwardCropOfTheFaceImage"][1]
    assert low["MarginBelowOfTheFaceImage"][1] < 10 < low["MarginAboveOfTheFaceImage"][1]


def test_a_face_that_leaves_the_picture_is_seen_by_its_share():
    assert measure(textured(), PLACED)["FaceInsidePicture"] == (0.0, 100)
    native, score = measure(textured(), PLACED - np.array([127, 0]))["FaceInsidePicture"]
    assert 0.4 < native < 0.6
    assert score == round(100 * (1 - native))


def test_a_black_face_is_under_exposed_and_a_white_one_over_exposed():
    black, white = (measure(np.full((300, 300, 3), value, np.uint8), PLACED) for value in (0, 255))
    assert black["UnderExposurePrevention"] == (1.0, 0)
    assert white["UnderExposurePrevention"] == (0.0, 100)
    assert white["OverExposurePrevention"] == (1.0, 1)
    assert black["OverExposurePrevention"] == (0.0, 100)
    assert black["DynamicRange"] == (0.0, 0)
    assert black["LuminanceMean"][0] == 0.0
    assert white["LuminanceMean"][0] == 1.0


def test_luminance_is_linear_light_and_not_the_stored_value():
    native, _ = measure(np.full((300, 300, 3), 188, np.uint8), PLACED)["LuminanceMean"]
    assert native == pytest.approx(0.5, abs=0.01)


def test_all_grey_values_fill_the_dynamic_range():
    linear = np.linspace(0, 1, 300)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055) * 255
    ramp = np.repeat(np.tile(encoded[:, None], (1, 300))[..., None], 3, axis=2).astype(np.uint8)
    native, score = measure(ramp, TEMPLATE * 2.5 + 8)["DynamicRange"]
    assert native > 6.0
    assert score == round(12.5 * native)


def test_light_from_one_side_lowers_illumination_uniformity():
    even = textured()
    shaded = even.copy()
    shaded[:, : int(PLACED[2, 0])] //= 3
    assert measure(even, PLACED)["IlluminationUniformity"][1] > 70
    assert measure(shaded, PLACED)["IlluminationUniformity"][1] < 50


def faint(bgr: np.ndarray) -> np.ndarray:
    """The same structure with the contrast of a face in soft light."""
    return (bgr * 0.15 + 150).astype(np.uint8)


def sharpness(bgr: np.ndarray, landmarks: np.ndarray = PLACED) -> float:
    return measure(bgr, landmarks)["Sharpness"][0]


def test_sharpness_falls_with_every_step_of_defocus():
    values = [sharpness(cv2.GaussianBlur(textured(), (0, 0), sigma)) for sigma in (0.3, 1, 2, 3, 5)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 1.8
    assert values[-1] < 1.35


@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135])
def test_sharpness_falls_with_a_movement_in_any_direction(angle):
    reach = 12
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    direction = math.radians(angle)
    across = x * math.sin(direction) + y * math.cos(direction)
    along = x * math.cos(direction) - y * math.sin(direction)
    line = np.clip(1 - np.abs(across), 0, 1) * (np.abs(along) <= reach)
    moved = cv2.filter2D(textured(), -1, (line / line.sum()).astype(np.float32))
    assert sharpness(moved) < 0.70 * sharpness(textured())


def test_noise_does_not_make_a_blurred_face_sharp():
    blurred = faint(cv2.GaussianBlur(textured(), (0, 0), 4))
    rng = np.random.default_rng(0)
    noisy = np.clip(blurred + rng.normal(0, 8, blurred.shape), 0, 255).astype(np.uint8)
    assert sharpness(noisy) < 1.15 * sharpness(blurred)


def test_sharpness_knows_neither_light_nor_contrast():
    dim = (textured() * 0.5 + 40).astype(np.uint8)
    assert sharpness(dim) == pytest.approx(sharpness(textured()), rel=0.05)


def test_the_black_beyond_the_border_is_not_taken_for_sharpness():
    blurred = faint(cv2.GaussianBlur(textured(), (0, 0), 4))
    assert sharpness(blurred, PLACED - np.array([95, 0])) < 1.1 * sharpness(blurred)


@pytest.mark.parametrize(
    "landmarks",
    [np.full((5, 2), np.nan), np.full((5, 2), np.inf), np.full((5, 2), 70.0), np.zeros((5, 2)), PLACED + 5000],
)
def test_landmarks_that_make_no_face_give_components_that_were_not_assessed(landmarks):
    picture = Picture(textured())
    landmarks = landmarks.astype(np.float32)
    crop = Aligner(ARCFACE_112).align(picture.bgr_hwc, landmarks)
    face = Face(np.array([10, 10, 50, 50], np.float32), landmarks, 0.9)
    measured = {item.name: item for item in measure_components(picture, face, crop, ())}
    assert measured["Sharpness"].score == -1
    assert measured["DynamicRange"].score == -1
    assert all(math.isfinite(item.native_value) for item in measured.values())


def test_a_crop_without_a_place_is_not_measured():
    picture = Picture(textured())
    nowhere = AlignedFace(np.zeros((112, 112, 3), np.uint8), np.zeros((2, 3)))
    measured = {item.name: item for item in measure_components(picture, face_at(PLACED), nowhere, ())}
    assert measured["FaceInsidePicture"].native_value == 1.0
    assert measured["LuminanceMean"].score == -1
