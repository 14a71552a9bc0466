"""The figures that turn up at the gate: public-domain pictures that come with scikit-image."""

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.camera.source import SourceLostError


class Figure(StrEnum):
    """Who or what turns up; the value is the name of the picture file."""

    NOBODY = ""
    ASTRONAUT = "astronaut.png"
    CAMERAMAN = "camera.png"
    CAT = "chelsea.png"
    COFFEE = "coffee.png"


# Rows and columns shown of a picture. Whole, the cameraman stands so far away that his profile says too little.
_SHOWN = {Figure.CAMERAMAN: (slice(20, 260), slice(130, 370))}


def load_figures() -> dict[Figure, NDArray[np.uint8]]:
    """Reads the pictures, (H, W, 3) uint8, blue, green, red.

    scikit-image itself is not imported: only its picture files are read.

    Raises:
        SourceLostError: scikit-image is not installed.
    """
    package = find_spec("skimage")
    if package is None or package.origin is None:
        raise SourceLostError("the demonstration needs scikit-image's pictures: pip install 'doorward[demo]'")
    folder = Path(package.origin).parent / "data"
    pictures = {figure: cv2.imread(str(folder / figure.value), cv2.IMREAD_COLOR) for figure in Figure if figure.value}
    missing = [figure.value for figure, picture in pictures.items() if picture is None]
    if missing:
        raise SourceLostError(f"{folder} holds no {', '.join(missing)}; install scikit-image anew")
    whole = (slice(None), slice(None))
    shown = {figure: np.asarray(picture, np.uint8) for figure, picture in pictures.items()}
    return {figure: picture[_SHOWN.get(figure, whole)] for figure, picture in shown.items()}
