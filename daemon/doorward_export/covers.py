"""Things people wear or hold before their faces, drawn for training only; the evaluation suite draws its own."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.vision.degradation.frame import FaceFrame
from doorward_daemon.vision.degradation.occlusion import blend, polygon_share

Pixels = NDArray[np.uint8]
_Texture = Callable[[NDArray[np.float64], NDArray[np.float64], np.random.Generator], NDArray[np.float64]]


def rounded_mask(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """A mask with a curved edge, ear loops, any colour or print; strength 1 reaches the bridge of the nose."""
    top = 1.05 - 0.85 * strength
    side, bottom = rng.uniform(0.85, 1.25), rng.uniform(1.5, 1.95)
    angles = np.linspace(0.0, np.pi, 24)
    lower = np.stack([side * np.cos(angles), 0.75 + (bottom - 0.75) * np.sin(angles) ** 0.8], axis=1)
    bow = rng.uniform(-0.1, 0.35)
    upper_x = np.linspace(-side, side, 24)
    upper = np.stack([upper_x, top + bow * (upper_x / side) ** 2], axis=1)
    frame = FaceFrame.of(face)
    worn = _loops(bgr_hwc, frame, side, top, rng)
    return _painted(worn, frame, np.concatenate([lower, upper]), rng)


def scarf(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """Cloth with folds over everything below an edge that strength raises from the chin to the eyes."""
    edge = 1.5 - 1.25 * strength
    x = np.linspace(-2.5, 2.5, 30)
    waves = edge + 0.1 * np.sin(x * rng.uniform(1.0, 4.0) + rng.uniform(0, 6)) + rng.uniform(-0.15, 0.15) * x
    outline = np.concatenate([np.stack([x, waves], axis=1), [(2.5, 4.0), (-2.5, 4.0)]])
    return _painted(bgr_hwc, FaceFrame.of(face), outline, rng)


def sunglasses(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """Two dark lenses and a bridge; strength is their size and darkness."""
    frame = FaceFrame.of(face)
    points = face.landmarks_px.astype(np.float64)
    worn = bgr_hwc
    width, height = (0.22 + 0.24 * strength) * rng.uniform(0.9, 1.1), (0.14 + 0.22 * strength) * rng.uniform(0.8, 1.1)
    darkness = min(1.0, 0.5 + 0.6 * strength)
    tint = rng.uniform(0, 50, 3)
    for eye in points[:2]:
        angles = np.linspace(0, 2 * np.pi, 28)
        power = rng.uniform(0.4, 1.0)
        ring = np.stack([_power(np.cos(angles), power) * width, _power(np.sin(angles), power) * height + 0.04], axis=1)
        lens = FaceFrame(eye, frame.right, frame.down, frame.unit_px)
        share = polygon_share(bgr_hwc.shape[:2], lens.to_picture(ring), frame.unit_px) * darkness
        worn = blend(worn, np.broadcast_to(tint, bgr_hwc.shape), share)
    bridge = frame.to_picture(np.array([(-0.9, -0.02), (0.9, -0.02)]))
    _line(worn, bridge, tint, 0.04 * frame.unit_px)
    return worn


def hand(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """Fingers of the skin's own colour, from any side towards the middle of the face."""
    frame = FaceFrame.of(face)
    cheek = frame.to_picture(np.array([(rng.choice((-0.45, 0.45)), 0.55)]))[0]
    height, width = bgr_hwc.shape[:2]
    column, row = (int(np.clip(v, 0, limit - 1)) for v, limit in zip(np.rint(cheek), (width, height), strict=True))
    skin = bgr_hwc[row, column].astype(np.float64) * rng.uniform(0.75, 1.15)
    towards = rng.uniform(0, 2 * np.pi)
    direction, across = np.array([np.cos(towards), np.sin(towards)]), np.array([-np.sin(towards), np.cos(towards)])
    target = np.array([rng.uniform(-0.3, 0.3), rng.uniform(-0.1, 1.0)])
    worn = bgr_hwc
    right, down = frame.of_pixels(height, width)
    for finger in range(int(rng.integers(1, 5))):
        tip = target + across * (finger - 1.5) * 0.3 - direction * (1.0 - strength) * 1.4 * rng.uniform(0.8, 1.1)
        thickness = rng.uniform(0.13, 0.2)
        ring = np.array(
            [
                tip - across * thickness,
                tip + across * thickness * 0.8,
                tip - direction * 4 + across * thickness,
                tip - direction * 4 - across * thickness,
            ]
        )
        shade = 1.0 - 0.5 * np.abs((right - tip[0]) * across[0] + (down - tip[1]) * across[1])
        share = polygon_share((height, width), frame.to_picture(ring), 4 * frame.unit_px)
        worn = blend(worn, np.clip(shade, 0.4, 1.0)[..., None] * skin, share)
    return worn


def patch(bgr_hwc: Pixels, face: Face, strength: float, rng: np.random.Generator) -> Pixels:
    """A phone, a paper, a cup: a turned rectangle or a blob, plain or with a pattern, somewhere on the face."""
    centre = np.array([rng.uniform(-0.9, 0.9), rng.uniform(-0.5, 1.4)])
    size = (0.25 + 0.9 * strength) * rng.uniform(0.6, 1.3, 2)
    angles = np.linspace(0, 2 * np.pi, 28)
    power = rng.choice((0.15, 0.6, 1.0))
    ring = np.stack([_power(np.cos(angles), power) * size[0], _power(np.sin(angles), power) * size[1]], axis=1)
    turn = rng.uniform(-0.6, 0.6)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return _painted(bgr_hwc, FaceFrame.of(face), ring @ rotation.T + centre, rng)


def _power(values: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    return np.sign(values) * np.abs(values) ** power


def _loops(bgr_hwc: Pixels, frame: FaceFrame, side: float, top: float, rng: np.random.Generator) -> Pixels:
    worn = bgr_hwc.copy()
    if rng.uniform() < 0.5:
        ends = frame.to_picture(np.array([(-side, top + 0.15), (-1.7, 0.1), (side, top + 0.15), (1.7, 0.1)]))
        colour = rng.uniform(150, 250, 3)
        for first in (0, 2):
            _line(worn, ends[first : first + 2], colour, 0.05 * frame.unit_px)
    return worn


def _line(worn: Pixels, ends: NDArray[np.float64], colour: NDArray[np.floating], thickness_px: float) -> None:
    (x0, y0), (x1, y1) = np.rint(ends).astype(int).tolist()
    cv2.line(worn, (x0, y0), (x1, y1), [float(v) for v in colour], max(1, int(thickness_px)), cv2.LINE_AA)


def _painted(bgr_hwc: Pixels, frame: FaceFrame, outline: NDArray[np.float64], rng: np.random.Generator) -> Pixels:
    right, down = frame.of_pixels(*bgr_hwc.shape[:2])
    textures: tuple[_Texture, ...] = (_plain, _folded, _printed, _striped)
    texture = textures[int(rng.integers(len(textures)))](right, down, rng)
    colour = rng.uniform(15, 250, 3) if rng.uniform() < 0.6 else np.full(3, rng.uniform(10, 250))
    painted = np.clip(texture[..., None] * colour + rng.normal(0, rng.uniform(0, 5), bgr_hwc.shape), 0, 255)
    return blend(bgr_hwc, painted, polygon_share(bgr_hwc.shape[:2], frame.to_picture(outline), frame.unit_px))


def _plain(right: NDArray[np.float64], down: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    return np.asarray(1.0 + rng.uniform(-0.2, 0.2) * right + rng.uniform(-0.2, 0.2) * down)


def _folded(right: NDArray[np.float64], down: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    wave = np.sin(down * rng.uniform(6, 20) + rng.uniform(0, 3) * right**2 + rng.uniform(0, 6))
    return np.asarray(1.0 - 0.25 * np.clip(np.abs(right), 0, 1.2) ** 2 + rng.uniform(0.03, 0.15) * wave)


def _printed(right: NDArray[np.float64], down: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    blobs = cv2.GaussianBlur(rng.normal(0, 1, right.shape), (0, 0), rng.uniform(1.5, 6.0))
    return np.asarray(1.0 + rng.uniform(0.1, 0.5) * np.sign(blobs) + 0.0 * down)


def _striped(right: NDArray[np.float64], down: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    turn = rng.uniform(0, np.pi)
    along = right * np.cos(turn) + down * np.sin(turn)
    return np.asarray(1.0 + rng.uniform(0.1, 0.4) * np.sign(np.sin(along * rng.uniform(8, 40))))
