"""From the bytes of a picture to its upright pixels."""

from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.picture.exif_orientation import turn_upright
from doorward_daemon.vision.picture.header_reader import check_whole, read_header
from doorward_daemon.vision.picture.pixel_decoder import decode_pixels
from doorward_daemon.vision.picture.settings import PictureSettings


def decode_picture(content: bytes, settings: PictureSettings) -> Picture:
    """Decodes a JPEG, PNG, WebP or BMP: header and limits first, then completeness, then pixels.

    Args:
        content: the encoded picture.
        settings: the limits.

    Raises:
        InvalidInput: PICTURE_EMPTY; PICTURE_TOO_LARGE; PICTURE_UNSUPPORTED, another format or kind;
            PICTURE_DAMAGED, cut, changed on the way, or not what its header announces.
    """
    header = read_header(content, settings)
    orientation = check_whole(content, header)
    return Picture(turn_upright(decode_pixels(content, header), orientation))
