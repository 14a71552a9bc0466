"""Crops without a face: pictures that come with scikit-image, pages drawn here, textures."""

from pathlib import Path

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

HELD_OUT_PICTURES = ("brick.png", "chelsea.png", "coffee.png", "gravel.png", "page.png", "rocket.jpg")
"""Pictures of scikit-image that no head is trained on: the cat, the cup, the bricks, the printed page."""
TRAINED_PICTURES = (
    "cell.png", "chessboard_GRAY.png", "clock_motion.png", "coins.png", "color.png", "grass.png", "horse.png",
    "hubble_deep_field.jpg", "ihc.png", "logo.png", "microaneurysms.png", "moon.png", "motorcycle_left.png",
    "phantom.png", "retina.jpg", "text.png",
)  # fmt: skip
_WORDS = ["open", "door", "face", "gate", "0123", "Exit", "EMPLOYEES", "only", "KNOCK", "4711", "No entry", "WC"]
_FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_TRIPLEX)


def shipped_pictures(names: tuple[str, ...]) -> list[Pixels]:
    """Pictures of scikit-image by file name; those the installed version lacks are left out."""
    folder = Path(skimage.__file__).parent / "data"
    found = [cv2.imread(str(folder / name), cv2.IMREAD_COLOR) for name in names if (folder / name).is_file()]
    return [np.asarray(picture, np.uint8) for picture in found if picture is not None]


def drawn_thing(rng: np.random.Generator, side_px: int) -> Pixels:
    """A page, a texture, stripes, a chessboard, shapes or plain noise, (side, side, 3)."""
    makers = (_page, _texture, _stripes, _chessboard, _shapes, _noise)
    return makers[int(rng.integers(len(makers)))](rng, side_px)


def random_crop(picture: Pixels, rng: np.random.Generator, side_px: int) -> Pixels:
    """A square of any size, turn and place of a picture, brought to (side, side, 3)."""
    height, width = picture.shape[:2]
    reach = rng.uniform(min(40.0, min(height, width) / 2), min(height, width))
    centre = (rng.uniform(reach / 2, width - reach / 2), rng.uniform(reach / 2, height - reach / 2))
    matrix = cv2.getRotationMatrix2D(centre, float(rng.uniform(-45, 45)), side_px / reach)
    moved = np.asarray(matrix, np.float64).copy()
    moved[:, 2] = moved[:, 2] + (side_px / 2 - np.array(centre))
    border = (cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT_101)[int(rng.integers(2))]
    crop = np.asarray(cv2.warpAffine(picture, moved, (side_px, side_px), borderMode=border), np.uint8)
    return np.ascontiguousarray(crop[:, ::-1] if rng.integers(2) else crop)


def _page(rng: np.random.Generator, side_px: int) -> Pixels:
    page = np.full((side_px, side_px, 3), rng.integers(150, 256), np.uint8)
    font, size = _FONTS[int(rng.integers(len(_FONTS)))], float(rng.uniform(0.25, 1.5))
    ink = [int(value) for value in rng.integers(0, 110, 3)]
    for line in range(int(10 * size), side_px, max(8, int(26 * size))):
        text = " ".join(rng.choice(_WORDS, 12))
        cv2.putText(page, text, (int(rng.integers(-60, 20)), line), font, size, ink, 1 + int(size), cv2.LINE_AA)
    return page


def _texture(rng: np.random.Generator, side_px: int) -> Pixels:
    layers: NDArray[np.floating] = np.zeros((side_px, side_px, 3))
    for octave in range(6):
        cells = max(2, 2 ** (octave + 1))
        coarse = rng.normal(0, 1, (cells, cells, 3)) * float(rng.uniform(0.4, 0.9)) ** octave
        layers = layers + cv2.resize(coarse, (side_px, side_px), interpolation=cv2.INTER_CUBIC)
    scaled = 127 + rng.uniform(20, 70) * layers / max(float(layers.std()), 1e-6)
    return np.clip(scaled * rng.uniform(0.6, 1.3, 3), 0, 255).astype(np.uint8)


def _stripes(rng: np.random.Generator, side_px: int) -> Pixels:
    y, x = np.mgrid[0:side_px, 0:side_px]
    turn = rng.uniform(0, np.pi)
    wave = np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / rng.uniform(3, side_px / 2))
    two = rng.uniform(0, 255, (2, 3))
    share = (0.5 + 0.5 * (np.sign(wave) if rng.integers(2) else wave))[..., None]
    return np.asarray(np.rint(two[0] * share + two[1] * (1 - share)), np.uint8)


def _chessboard(rng: np.random.Generator, side_px: int) -> Pixels:
    y, x = np.mgrid[0:side_px, 0:side_px] // int(rng.integers(4, side_px // 2))
    return np.asarray(rng.integers(0, 256, (2, 3))[(x + y) % 2], np.uint8)


def _shapes(rng: np.random.Generator, side_px: int) -> Pixels:
    canvas = np.full((side_px, side_px, 3), rng.integers(0, 256, 3), np.uint8)
    for _ in range(int(rng.integers(1, 14))):
        colour = [int(value) for value in rng.integers(0, 256, 3)]
        centre = [int(value) for value in rng.integers(0, side_px, 2)]
        axes = [int(value) for value in rng.integers(2, side_px // 2, 2)]
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, int(rng.choice((-1, 2, 5))))
    return canvas


def _noise(rng: np.random.Generator, side_px: int) -> Pixels:
    grain = rng.normal(127, rng.uniform(1, 90), (side_px, side_px, 3))
    if rng.integers(2):
        grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(0.5, 12))), np.float64)
    return np.clip(grain * rng.uniform(0.0, 1.6), 0, 255).astype(np.uint8)
