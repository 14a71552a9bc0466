"""The pictures of the walk: two renderings of the astronaut, a blurred one, a stranger, and a coffee cup."""

from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageEnhance

FRAME_PX = (640, 480)
"""Size of a common gate camera's frame."""
BLUR_PX = 25
"""Length of the motion kernel; the detector still finds the face, the embedding is lost."""


def write_pictures(folder: Path) -> dict[str, Path]:
    """Renders the pictures.

    Args:
        folder: where to; made where it does not exist.

    Returns:
        Path of each picture by its name: enrol, probe, blurred, cameraman, coffee.
    """
    folder.mkdir(parents=True, exist_ok=True)
    astronaut = Image.fromarray(skimage.data.astronaut())
    pictures = {
        "enrol": _on_frame(astronaut),
        "probe": _another_rendering(astronaut),
        "blurred": _motion_blurred(astronaut),
        "cameraman": Image.fromarray(skimage.data.camera()),
        "coffee": Image.fromarray(skimage.data.coffee()),
    }
    paths = {name: folder / f"{name}.{'jpg' if name == 'probe' else 'png'}" for name in pictures}
    for name, picture in pictures.items():
        picture.save(paths[name], quality=88)
    return paths


def _on_frame(picture: Image.Image) -> Image.Image:
    """Puts a square picture into the middle of a camera frame, filling its height."""
    frame = Image.new("RGB", FRAME_PX, (96, 104, 112))
    side = FRAME_PX[1]
    frame.paste(picture.resize((side, side), Image.Resampling.LANCZOS), ((FRAME_PX[0] - side) // 2, 0))
    return frame


def _another_rendering(picture: Image.Image) -> Image.Image:
    """The same person nearer by a tenth, tilted by four degrees, a little darker: not the picture that was enrolled."""
    turned = picture.rotate(4, Image.Resampling.BICUBIC, center=(222, 120))
    nearer = turned.crop((24, 0, 484, 460))
    return _on_frame(ImageEnhance.Brightness(nearer).enhance(0.85))


def _motion_blurred(picture: Image.Image) -> Image.Image:
    """The astronaut walking by too fast: a horizontal box kernel of BLUR_PX pixels."""
    pixels = np.asarray(picture, np.float64)
    padded = np.pad(pixels, ((0, 0), (BLUR_PX // 2, BLUR_PX // 2), (0, 0)), mode="edge")
    sums = np.cumsum(np.pad(padded, ((0, 0), (1, 0), (0, 0))), axis=1)
    blurred = (sums[:, BLUR_PX:] - sums[:, :-BLUR_PX]) / BLUR_PX
    return Image.fromarray(np.clip(np.rint(blurred), 0, 255).astype(np.uint8))
