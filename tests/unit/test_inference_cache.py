"""Compiled networks kept between starts: used when intact, never believed when not."""

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest

from doorward_daemon.inference import InferenceSettings, open_runtime
from doorward_daemon.inference.sealed_cache import SealedCache
from doorward_testing.tiny_network import save_affine

FREE = (None, 3, None, None)
SETTINGS = InferenceSettings(runtime="openvino")


def gain_of(path: Path, cache: Path | None) -> float:
    """Opens a runtime as a new start would, and runs the network on ones."""
    network = open_runtime(SETTINGS, cache).compile(path, input_name="input", shape=FREE)
    outputs = network.infer(np.ones((1, 3, 4, 4), np.float32))
    assert set(outputs) == {"scaled", "mean"}
    return float(outputs["scaled"][0, 0, 0, 0])


def blobs(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.blob"))


def test_what_was_kept_is_read_back(tmp_path: Path):
    cache = SealedCache(tmp_path / "new" / "folder")
    assert cache.load("one") is None
    cache.store("one", b"payload")
    cache.store("two", b"")
    assert cache.load("one") == b"payload"
    assert cache.load("two") == b""
    assert [path.name for path in blobs(tmp_path)] == ["one.blob", "two.blob"]


@pytest.mark.parametrize("place", [0, 31, 32, -1])
def test_a_changed_byte_is_noticed_wherever_it_is(tmp_path: Path, place: int, caplog: pytest.LogCaptureFixture):
    cache = SealedCache(tmp_path)
    cache.store("one", b"payload")
    content = bytearray((tmp_path / "one.blob").read_bytes())
    content[place] ^= 1
    (tmp_path / "one.blob").write_bytes(content)
    assert cache.load("one") is None
    assert "damaged" in caplog.text


@pytest.mark.parametrize("length", [0, 10, 32, 38])
def test_a_file_cut_short_by_a_power_cut_is_noticed(tmp_path: Path, length: int):
    cache = SealedCache(tmp_path)
    cache.store("one", b"payload")
    (tmp_path / "one.blob").write_bytes((tmp_path / "one.blob").read_bytes()[:length])
    assert cache.load("one") is None


def test_the_oldest_make_room(tmp_path: Path):
    cache = SealedCache(tmp_path)
    for number in range(40):
        cache.store(f"{number:02d}", b"x")
    assert len(blobs(tmp_path)) == 32
    assert cache.load("39") == b"x"


def test_a_folder_that_cannot_be_made_costs_time_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert gain_of(save_affine(tmp_path / "net.onnx"), tmp_path / "cache") == 2
    assert "not kept" in caplog.text


def test_the_next_start_reads_what_this_one_compiled(tmp_path: Path):
    path = save_affine(tmp_path / "net.onnx")
    assert gain_of(path, tmp_path / "cache") == 2
    written = {blob: blob.stat().st_mtime_ns for blob in blobs(tmp_path)}
    assert len(written) == 1
    assert gain_of(path, tmp_path / "cache") == 2
    assert {blob: blob.stat().st_mtime_ns for blob in blobs(tmp_path)} == written


def test_another_network_of_the_same_name_is_compiled_anew(tmp_path: Path):
    assert gain_of(save_affine(tmp_path / "net.onnx", gain=2.0), tmp_path / "cache") == 2
    assert gain_of(save_affine(tmp_path / "net.onnx", gain=7.0), tmp_path / "cache") == 7


def test_a_damaged_copy_is_compiled_anew_and_mended(tmp_path: Path):
    path = save_affine(tmp_path / "net.onnx")
    gain_of(path, tmp_path / "cache")
    blob = blobs(tmp_path)[0]
    damaged = bytearray(blob.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    blob.write_bytes(damaged)
    assert SealedCache(blob.parent).load(blob.stem) is None
    assert gain_of(path, tmp_path / "cache") == 2
    assert SealedCache(blob.parent).load(blob.stem) is not None


def test_an_intact_copy_of_something_else_is_compiled_anew(tmp_path: Path):
    path = save_affine(tmp_path / "net.onnx")
    gain_of(path, tmp_path / "cache")
    blob = blobs(tmp_path)[0]
    SealedCache(blob.parent).store(blob.stem, b"sealed, yet no network")
    assert gain_of(path, tmp_path / "cache") == 2


def test_without_a_folder_nothing_is_written(tmp_path: Path):
    folder = tmp_path / "only"
    folder.mkdir()
    path = save_affine(folder / "net.onnx")
    assert gain_of(path, None) == 2
    assert list(folder.iterdir()) == [path]
    shutil.rmtree(folder)
