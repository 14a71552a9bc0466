"""The errors of a picture that is not accepted, worded for the one who sent it."""

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.vision.picture.picture_header import PictureFormat, PictureHeader
from doorward_daemon.vision.picture.settings import PictureSettings


def empty() -> InvalidInput:
    """Nothing was sent."""
    return InvalidInput(ErrorReason.PICTURE_EMPTY, "the picture has no bytes; send the whole file")


def unsupported(found: str) -> InvalidInput:
    """A file that is no picture, or a kind of picture that is not read.

    Args:
        found: what it is, e.g. `a GIF`.
    """
    return InvalidInput(
        ErrorReason.PICTURE_UNSUPPORTED,
        f"the picture is {found}; expected JPEG, PNG, WebP or BMP, a still picture of 8 or 16 bits; convert it",
        metadata={"found": found},
    )


def damaged(picture_format: PictureFormat, what: str) -> InvalidInput:
    """A picture that begins like its format and does not hold what it announces.

    Args:
        picture_format: the format it begins like.
        what: what is wrong and where.
    """
    return InvalidInput(
        ErrorReason.PICTURE_DAMAGED,
        f"the {picture_format} picture is damaged or incomplete: {what}; send it again, whole",
        metadata={"format": picture_format.value},
    )


def too_many_bytes(found: int, settings: PictureSettings) -> InvalidInput:
    """A file above the limit.

    Args:
        found: its bytes.
        settings: the limit.
    """
    return InvalidInput(
        ErrorReason.PICTURE_TOO_LARGE,
        f"the picture has {found} bytes, at most {settings.max_bytes} are accepted; send it smaller",
        metadata={"size_bytes": str(found), "max_bytes": str(settings.max_bytes)},
    )


def too_many_pixels(header: PictureHeader, settings: PictureSettings) -> InvalidInput:
    """A picture that would take too much memory.

    Args:
        header: what it says about itself.
        settings: the limits.
    """
    size = f"{header.width_px} x {header.height_px}"
    return InvalidInput(
        ErrorReason.PICTURE_TOO_LARGE,
        f"the picture has {size} pixels, at most {settings.max_pixels} in all and {settings.max_side_px} a side are "
        "accepted; send it smaller",
        metadata={
            "width_px": str(header.width_px),
            "height_px": str(header.height_px),
            "max_pixels": str(settings.max_pixels),
            "max_side_px": str(settings.max_side_px),
        },
    )
