"""Downloads resume, give up on silence, and accept nothing but the pinned content."""

import hashlib
import socket
import time
from pathlib import Path

import pytest

from doorward_daemon.packs.download import Downloader
from doorward_daemon.packs.fetch_failure import FetchFailure
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.source import SourceFile
from doorward_testing.mirror import Mirror, serve_mirror

CONTENT = bytes(range(256)) * 800
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:8f23\nsize 232589\n"


def _wanted(content: bytes = CONTENT) -> SourceFile:
    return SourceFile(name="model.onnx", sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "model.part"


@pytest.fixture
def downloader() -> Downloader:
    return Downloader(0.5, SilentProgress())


def test_file_arrives_whole(downloader: Downloader, part: Path) -> None:
    with serve_mirror({"m": CONTENT}) as mirror:
        downloader.fetch(mirror.url("m"), _wanted(), part)
    assert part.read_bytes() == CONTENT


def test_cut_connection_is_resumed_where_it_broke(downloader: Downloader, part: Path) -> None:
    with serve_mirror({"m": CONTENT}) as mirror:
        mirror.cuts["m"] = [70_000, 1_000]
        downloader.fetch(mirror.url("m"), _wanted(), part)
        assert mirror.asked == [("m", ""), ("m", "bytes=70000-"), ("m", "bytes=71000-")]
    assert part.read_bytes() == CONTENT


def test_what_an_interrupted_pull_left_is_not_fetched_again(downloader: Downloader, part: Path) -> None:
    part.write_bytes(CONTENT[:100_000])
    with serve_mirror({"m": CONTENT}) as mirror:
        downloader.fetch(mirror.url("m"), _wanted(), part)
        assert mirror.asked == [("m", "bytes=100000-")]
    assert part.read_bytes() == CONTENT


def test_mirror_that_cannot_resume_sends_all_of_it_again(downloader: Downloader, part: Path) -> None:
    part.write_bytes(CONTENT[:100_000])
    with serve_mirror({"m": CONTENT}) as mirror:
        mirror.resumes = False
        downloader.fetch(mirror.url("m"), _wanted(), part)
    assert part.read_bytes() == CONTENT


def test_wrong_left_over_is_thrown_away_and_fetched_anew(downloader: Downloader, part: Path) -> None:
    part.write_bytes(b"x" * 100_000)
    with serve_mirror({"m": CONTENT}) as mirror:
        downloader.fetch(mirror.url("m"), _wanted(), part)
        assert mirror.asked == [("m", "bytes=100000-"), ("m", "")]
    assert part.read_bytes() == CONTENT


def test_wrong_bytes_are_refused_and_removed(downloader: Downloader, part: Path) -> None:
    with serve_mirror({"m": CONTENT[::-1]}) as mirror, pytest.raises(FetchFailure, match="sha256") as caught:
        downloader.fetch(mirror.url("m"), _wanted(), part)
    assert _wanted().sha256 in caught.value.why
    assert not part.exists()


def test_more_bytes_than_expected_are_not_written(downloader: Downloader, part: Path) -> None:
    with serve_mirror({"m": CONTENT * 5}) as mirror, pytest.raises(FetchFailure, match="more than the 204800 bytes"):
        downloader.fetch(mirror.url("m"), _wanted(), part)
    assert part.stat().st_size <= len(CONTENT)


def test_lfs_pointer_is_recognised(downloader: Downloader, part: Path) -> None:
    with serve_mirror({"m": LFS_POINTER}) as mirror, pytest.raises(FetchFailure, match="Git LFS pointer"):
        downloader.fetch(mirror.url("m"), _wanted(), part)


def test_mirror_that_breaks_off_for_ever_keeps_what_came(downloader: Downloader, part: Path) -> None:
    with serve_mirror({"m": CONTENT}) as mirror:
        mirror.cuts["m"] = [1000] * 10
        with pytest.raises(FetchFailure, match="4000 bytes are kept"):
            downloader.fetch(mirror.url("m"), _wanted(), part)
    assert part.read_bytes() == CONTENT[:4000]


def test_silent_mirror_is_given_up_in_time_and_not_asked_again(downloader: Downloader, part: Path) -> None:
    # The kernel accepts the connection for a listener that never reads: a mirror that says nothing.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/m"
        begun = time.monotonic()
        with pytest.raises(FetchFailure, match=r"said nothing for 0\.5 s"):
            downloader.fetch(url, _wanted(), part)
        assert time.monotonic() - begun < 3


def test_mirror_that_falls_silent_half_way_is_given_up(downloader: Downloader, part: Path) -> None:
    with serve_mirror({"m": CONTENT}) as mirror:
        _hold(mirror)
        with pytest.raises(FetchFailure, match="said nothing"):
            downloader.fetch(mirror.url("m"), _wanted(), part)


def test_unreachable_mirror_is_remembered(downloader: Downloader, part: Path) -> None:
    with pytest.raises(FetchFailure, match="refused"):
        downloader.fetch("http://127.0.0.1:1/m", _wanted(), part)
    with pytest.raises(FetchFailure, match="a moment ago"):
        downloader.fetch("http://127.0.0.1:1/n", _wanted(), part)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/m", "m", ""])
def test_only_http_addresses_are_opened(downloader: Downloader, part: Path, url: str) -> None:
    with pytest.raises(FetchFailure, match="no http"):
        downloader.fetch(url, _wanted(), part)


def _hold(mirror: Mirror) -> None:
    from threading import Event

    mirror.hold = Event()
