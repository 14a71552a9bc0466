"""Pictures for tests, made from the public-domain ones that come with scikit-image."""

from pathlib import Path

import numpy as np
import skimage
from PIL import Image, ImageEnhance, ImageOps


def _shipped(name: str) -> np.ndarray:
    return np.asarray(Image.open(Path(skimage.__file__).parent / "data" / name))


def astronaut(scale: float = 1.0, brightness: float = 1.0) -> Image.Image:
    """The astronaut, 512x512 times scale."""
    picture = Image.fromarray(_shipped("astronaut.png"))
    side = round(512 * scale)
    return ImageEnhance.Brightness(picture.resize((side, side), Image.Resampling.LANCZOS)).enhance(brightness)


def look_alike(brightness: float = 1.0) -> Image.Image:
    """The astronaut as another person might look like her: mirrored, the face a third broader; both packs name her."""
    return ImageOps.mirror(astronaut(brightness=brightness).resize((620, 440), Image.Resampling.LANCZOS))


def cameraman() -> Image.Image:
    """A man behind a camera, 512x512, grey."""
    return Image.fromarray(_shipped("camera.png"))


def coffee() -> Image.Image:
    """A cup of coffee, 600x400."""
    return Image.fromarray(_shipped("coffee.png"))


def motion_blurred(length_px: int = 25) -> Image.Image:
    """The astronaut blurred by a horizontal box kernel."""
    pixels = np.asarray(astronaut(), np.float64)
    half = length_px // 2
    padded = np.pad(pixels, ((0, 0), (half, half), (0, 0)), mode="edge")
    sums = np.cumsum(np.pad(padded, ((0, 0), (1, 0), (0, 0))), axis=1)
    return Image.fromarray(np.rint((sums[:, length_px:] - sums[:, :-length_px]) / length_px).astype(np.uint8))


def thirty_astronauts() -> Image.Image:
    """Thirty astronauts in five rows of six, 1536x1280."""
    tile = astronaut(scale=0.5)
    crowd = Image.new("RGB", (6 * 256, 5 * 256))
    for index in range(30):
        crowd.paste(tile, ((index % 6) * 256, (index // 6) * 256))
    return crowd


def save(picture: Image.Image, path: Path) -> Path:
    """Writes a picture in the format of its suffix; returns the path."""
    picture.save(path, quality=90)
    return path
