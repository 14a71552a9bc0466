"""Pictures of every accepted kind come out upright, three-channel, with the colours they were made with."""

import io
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.picture import PictureSettings, decode_picture

WIDTH, HEIGHT = 24, 16
QUADRANTS = np.array([[[200, 30, 30], [30, 200, 30]], [[30, 30, 200], [220, 220, 220]]], np.uint8)


def quadrants() -> Image.Image:
    """A picture whose four corners differ, so that every turn and mirror shows."""
    return Image.fromarray(QUADRANTS.repeat(HEIGHT // 2, 0).repeat(WIDTH // 2, 1))


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def decode(content: bytes) -> Picture:
    return decode_picture(content, PictureSettings())


def corners_rgb(picture: Picture) -> np.ndarray:
    """Colour in the middle of each quadrant, (2, 2, 3) RGB."""
    rows, columns = (picture.height_px // 4, -picture.height_px // 4), (picture.width_px // 4, -picture.width_px // 4)
    return picture.bgr_hwc[np.ix_(rows, columns)][..., ::-1].astype(int)


def assert_close(found: np.ndarray, expected: np.ndarray, tolerance: int) -> None:
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= tolerance


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}, 6),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 6),
        ("JPEG", {"quality": 95, "subsampling": 0, "restart_marker_blocks": 1}, 6),
        ("PNG", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 12),
        ("BMP", {}, 0),
    ],
)
def test_colour_pictures_of_each_format_keep_their_colours(kind, options, tolerance):
    picture = decode(encode(quadrants(), kind, **options))
    assert (picture.width_px, picture.height_px) == (WIDTH, HEIGHT)
    assert not picture.bgr_hwc.flags.writeable
    assert_close(corners_rgb(picture), QUADRANTS, tolerance)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_grey_pictures_become_three_equal_channels(kind):
    grey = quadrants().convert("L")
    picture = decode(encode(grey, kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert_close(corners_rgb(picture)[..., 0], np.asarray(grey)[[4, -4]][:, [6, -6]], 6)
    assert np.ptp(picture.bgr_hwc, axis=2).max() <= 1


def test_palette_pictures_take_the_colours_of_their_palette():
    palette = quadrants().quantize(4)
    assert_close(corners_rgb(decode(encode(palette, "PNG"))), QUADRANTS, 1)
    assert_close(corners_rgb(decode(encode(palette, "BMP"))), QUADRANTS, 1)


def test_one_bit_pictures_are_black_and_white():
    picture = decode(encode(quadrants().convert("1", dither=Image.Dither.NONE), "PNG"))
    assert set(np.unique(picture.bgr_hwc)) == {0, 255}


def test_cmyk_jpegs_are_read_as_adobe_writes_them():
    content = encode(quadrants().convert("CMYK"), "JPEG", quality=98, subsampling=0)
    assert b"Adobe" in content
    assert_close(corners_rgb(decode(content)), QUADRANTS, 8)
    start = content.index(b"\xff\xee")
    length = int.from_bytes(content[start + 2 : start + 4], "big")
    assert_close(corners_rgb(decode(content[:start] + content[start + 2 + length :])), QUADRANTS, 8)


def test_sixteen_bit_grey_is_scaled_and_not_cut():
    ramp = np.linspace(0, 65_535, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH).astype(np.uint16)
    picture = decode(encode(Image.fromarray(ramp), "PNG"))
    assert_close(picture.bgr_hwc[..., 0], ramp >> 8, 0)


def test_sixteen_bit_colour_keeps_the_high_byte():
    ramp = np.linspace(0, 65_535, WIDTH * HEIGHT * 3).reshape(HEIGHT, WIDTH, 3).astype(np.uint16)
    encoded = cv2.imencode(".png", ramp)[1].tobytes()
    assert_close(decode(encoded).bgr_hwc, ramp >> 8, 1)


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True, "exact": True})])
def test_transparent_pixels_show_mid_grey(kind, options):
    rgba = np.dstack([np.asarray(quadrants()), np.full((HEIGHT, WIDTH), 255, np.uint8)])
    rgba[: HEIGHT // 2, : WIDTH // 2, 3] = 0
    rgba[HEIGHT // 2 :, : WIDTH // 2, 3] = 128
    corners = corners_rgb(decode(encode(Image.fromarray(rgba, "RGBA"), kind, **options)))
    assert_close(corners[0, 0], np.full(3, 128), 1)
    assert_close(corners[1, 0], (QUADRANTS[1, 0].astype(int) + 128) // 2, 1)
    assert_close(corners[:, 1], QUADRANTS[:, 1], 0)


def test_transparency_by_palette_index_and_by_grey_value_shows_mid_grey():
    palette = quadrants().quantize(4)
    index = palette.getpixel((0, 0))
    assert_close(corners_rgb(decode(encode(palette, "PNG", transparency=index)))[0, 0], np.full(3, 128), 1)
    grey = quadrants().convert("L")
    content = encode(grey, "PNG", transparency=grey.getpixel((0, 0)))
    assert_close(corners_rgb(decode(content))[0, 0], np.full(3, 128), 1)


def test_interlaced_pngs_are_read():
    plain = encode(quadrants(), "PNG")
    # Pillow cannot write Adam7; a 1 x 1 picture has the same pixels in both orders.
    single = bytearray(encode(quadrants().crop((0, 0, 1, 1)), "PNG"))
    single[28] = 1
    single[29:33] = zlib.crc32(single[12:29]).to_bytes(4, "big")
    assert_close(decode(bytes(single)).bgr_hwc[0, 0, ::-1], QUADRANTS[0, 0], 0)
    assert decode(plain).width_px == WIDTH


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_exif_orientation_is_turned_upright(kind, orientation):
    upright = quadrants()
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 95, "subsampling": 0}, "PNG": {}, "WEBP": {"lossless": True}}[kind]
    picture = decode(encode(stored, kind, exif=exif, **options))
    assert (picture.width_px, picture.height_px) == (WIDTH, HEIGHT)
    assert_close(corners_rgb(picture), QUADRANTS, 8)


@pytest.mark.parametrize(
    "exif",
    [b"", b"Exif\x00\x00", b"Exif\x00\x00II*\x00\xff\xff\xff\xff", b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01"],
)
def test_an_exif_block_that_cannot_be_read_turns_nothing(exif):
    content = encode(quadrants(), "JPEG", quality=95, subsampling=0)
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    assert_close(corners_rgb(decode(content[:2] + segment + content[2:])), QUADRANTS, 8)


def test_a_bmp_stored_from_top_to_bottom_stands_upright():
    content = bytearray(encode(quadrants(), "BMP"))
    start = int.from_bytes(content[10:14], "little")
    rows = np.frombuffer(bytes(content[start:]), np.uint8).reshape(HEIGHT, -1)[::-1]
    content[22:26] = (-HEIGHT).to_bytes(4, "little", signed=True)
    content[start:] = rows.tobytes()
    assert_close(corners_rgb(decode(bytes(content))), QUADRANTS, 0)
