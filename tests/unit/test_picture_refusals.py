"""What is no whole, sane picture is refused with a typed reason, before memory is taken for its pixels."""

import contextlib
import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.vision.picture import PictureSettings, decode_picture
from doorward_daemon.vision.picture.header_reader import read_header

LIMITS = PictureSettings()


def encode(kind: str, size: tuple[int, int] = (40, 32), mode: str = "RGB", **options: object) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def reason_of(content: bytes, limits: PictureSettings = LIMITS) -> ErrorReason:
    with pytest.raises(InvalidInput) as caught:
        decode_picture(content, limits)
    assert len(caught.value.message) > 40
    return caught.value.reason


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(width: int, height: int, data: bytes, depth: int = 1) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def huge_png() -> bytes:
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(2501)) for _ in range(20_000))
    return png_with(20_000, 20_000, rows + packer.flush())


def forge_jpeg_size(content: bytes, width: int, height: int) -> bytes:
    start = content.index(b"\xff\xc0")
    return content[: start + 5] + struct.pack(">HH", height, width) + content[start + 9 :]


SAMPLES = {
    "jpeg": encode("JPEG"),
    "progressive": encode("JPEG", progressive=True),
    "cmyk": encode("JPEG", mode="CMYK"),
    "png": encode("PNG"),
    "palette": encode("PNG", mode="P"),
    "rgba": encode("PNG", mode="RGBA"),
    "webp": encode("WEBP"),
    "lossless": encode("WEBP", lossless=True),
    "alpha": encode("WEBP", mode="RGBA"),
    "bmp": encode("BMP"),
}


def test_nothing_is_an_empty_picture():
    assert reason_of(b"") is ErrorReason.PICTURE_EMPTY


OTHER_FILES = (
    b"test\n",
    b"a text and no picture" * 9,
    bytes(100),
    b"\xff",
    b"GIF89a" + bytes(50),
    b"II*\x00" + bytes(50),
    b"MM\x00*" + bytes(50),
    b"BM",
    b"BMW" * 40,
    b"RIFF\x10\x00\x00\x00WAVEfmt ",
)


@pytest.mark.parametrize("content", OTHER_FILES)
def test_other_files_are_unsupported(content):
    assert reason_of(content) is ErrorReason.PICTURE_UNSUPPORTED


def test_kinds_of_jpeg_that_are_not_decoded_are_unsupported():
    lossless = SAMPLES["jpeg"].replace(b"\xff\xc0", b"\xff\xc3", 1)
    twelve_bits = bytearray(SAMPLES["jpeg"])
    twelve_bits[SAMPLES["jpeg"].index(b"\xff\xc0") + 4] = 12
    assert reason_of(lossless) is ErrorReason.PICTURE_UNSUPPORTED
    assert reason_of(bytes(twelve_bits)) is ErrorReason.PICTURE_UNSUPPORTED


def test_an_animated_webp_is_unsupported():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    stream = io.BytesIO()
    frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:])
    assert reason_of(stream.getvalue()) is ErrorReason.PICTURE_UNSUPPORTED


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_cut_upload_is_damaged(name, share):
    content = SAMPLES[name]
    kept = content[: max(30, min(len(content) - 1, int(len(content) * share)))]
    found = reason_of(kept)
    if len(kept) >= 54 or name != "bmp":
        assert found is ErrorReason.PICTURE_DAMAGED


@pytest.mark.parametrize("name", ["png", "palette", "rgba"])
def test_a_changed_byte_in_a_png_is_damaged(name):
    content = bytearray(SAMPLES[name])
    content[len(content) // 2] ^= 0x40
    with pytest.raises(InvalidInput, match="the sum of the chunk at byte") as caught:
        decode_picture(bytes(content), LIMITS)
    assert caught.value.reason is ErrorReason.PICTURE_DAMAGED


def test_a_png_with_valid_sums_and_too_few_rows_is_damaged():
    assert reason_of(png_with(100, 100, zlib.compress(bytes(500)), depth=8)) is ErrorReason.PICTURE_DAMAGED


def test_a_jpeg_that_begins_a_second_frame_is_damaged():
    content = SAMPLES["jpeg"]
    start = content.index(b"\xff\xc0")
    frame = content[start : start + 2 + int.from_bytes(content[start + 2 : start + 4], "big")]
    assert reason_of(content[:start] + frame + content[start:]) is ErrorReason.PICTURE_DAMAGED


def test_a_progressive_jpeg_with_thousands_of_scans_is_refused_before_decoding():
    content = SAMPLES["progressive"]
    last = content.rindex(b"\xff\xda")
    scan = content[last:-2]
    assert reason_of(content[:-2] + scan * 200 + content[-2:]) is ErrorReason.PICTURE_DAMAGED


def test_a_webp_whose_frame_is_larger_than_its_canvas_is_damaged():
    content = bytearray(SAMPLES["alpha"])
    content[24:27] = (9).to_bytes(3, "little")
    assert reason_of(bytes(content)) is ErrorReason.PICTURE_DAMAGED


def test_a_picture_of_no_width_is_damaged():
    assert reason_of(forge_jpeg_size(SAMPLES["jpeg"], 0, 10)) is ErrorReason.PICTURE_DAMAGED
    assert reason_of(png_with(0, 5, b"")) is ErrorReason.PICTURE_DAMAGED


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (16_385, 1), (4_001, 4_000)])
def test_sizes_above_the_limits_are_refused_from_the_header(width, height):
    assert reason_of(forge_jpeg_size(SAMPLES["jpeg"], width, height)) is ErrorReason.PICTURE_TOO_LARGE
    assert reason_of(png_with(width, height, b"")) is ErrorReason.PICTURE_TOO_LARGE


def test_a_size_at_the_limit_passes_the_header():
    assert read_header(png_with(4_000, 4_000, b""), LIMITS).width_px == 4_000
    assert read_header(png_with(16_384, 900, b""), LIMITS).height_px == 900


def test_a_file_above_the_byte_limit_is_too_large_whatever_it_is():
    small = PictureSettings(max_bytes=1024)
    assert reason_of(b"x" * 1025, small) is ErrorReason.PICTURE_TOO_LARGE


MEMORY_PROBE = """
import sys
from pathlib import Path
from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.vision.picture import PictureSettings, decode_picture

def peak_kib():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

bombs = [Path(name).read_bytes() for name in sys.argv[2:]]
decode_picture(Path(sys.argv[1]).read_bytes(), PictureSettings())
before = peak_kib()
for bomb in bombs * 20:
    try:
        decode_picture(bomb, PictureSettings())
    except InvalidInput as error:
        assert error.reason is ErrorReason.PICTURE_TOO_LARGE, error
    else:
        raise SystemExit("decoded")
print(peak_kib() - before)
"""


def test_decoder_bombs_take_no_memory(tmp_path):
    """A 20,000 x 20,000 PNG once took 2.3 GB in the decoder; a forged header must not take any either."""
    files = {
        "good.jpg": SAMPLES["jpeg"],
        "huge.png": huge_png(),
        "forged.jpg": forge_jpeg_size(SAMPLES["jpeg"], 60_000, 60_000),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-c", MEMORY_PROBE, *(str(tmp_path / name) for name in files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) < 2_048, f"peak memory grew by {done.stdout} KiB"


@pytest.mark.assets
def test_every_bad_input_has_its_reason(assets):
    expected = {
        "corrupted.png": ErrorReason.PICTURE_DAMAGED,
        "empty.png": ErrorReason.PICTURE_UNSUPPORTED,
        "truncated.jpg": ErrorReason.PICTURE_DAMAGED,
    }
    found = {path.name: reason_of(path.read_bytes()) for path in (assets / "bad_inputs").iterdir()}
    assert found == expected


@settings(max_examples=1_500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(sorted(SAMPLES)),
    edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=4)), max_size=6),
    cut=st.floats(0, 1),
    repair_sums=st.booleans(),
)
def test_no_mutation_of_a_picture_raises_anything_but_invalid_input(name, edits, cut, repair_sums):
    content = bytearray(SAMPLES[name])
    for place, replacement in edits:
        start = int(place * len(content))
        content[start : start + len(replacement)] = replacement
    kept = bytes(content[: int(len(content) * cut)]) if cut < 0.3 else bytes(content)
    if repair_sums and name in ("png", "palette", "rgba"):
        kept = with_right_sums(kept)
    with contextlib.suppress(InvalidInput):
        assert decode_picture(kept, LIMITS).bgr_hwc.dtype == np.uint8


def with_right_sums(content: bytes) -> bytes:
    """Gives every chunk the sum of what it now holds, so that the damage reaches the decoder."""
    repaired, position = bytearray(content), 8
    while position + 12 <= len(repaired):
        end = position + 8 + int.from_bytes(repaired[position : position + 4], "big")
        if end + 4 > len(repaired):
            break
        repaired[end : end + 4] = zlib.crc32(repaired[position + 4 : end]).to_bytes(4, "big")
        position = end + 4
    return bytes(repaired)
