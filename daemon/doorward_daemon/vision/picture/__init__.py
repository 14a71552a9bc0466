"""Still pictures: what is accepted, checked from the header before anything is decoded, then decoded upright."""

from doorward_daemon.vision.picture.decoder import decode_picture
from doorward_daemon.vision.picture.settings import PictureSettings

__all__ = ["PictureSettings", "decode_picture"]
