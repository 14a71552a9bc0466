"""Fetches a file over HTTP: resumes what was begun, gives up on silence, accepts only the pinned content."""

import time
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from doorward_daemon.packs.durable import storage_errors, sync_file
from doorward_daemon.packs.fetch_failure import FetchFailure
from doorward_daemon.packs.file_identity import identify_file
from doorward_daemon.packs.mirror import Mirrors
from doorward_daemon.packs.progress import Progress
from doorward_daemon.packs.source import SourceFile

_CHUNK_BYTES = 1 << 16
_CONNECTIONS = 4
_LFS_POINTER = b"version https://git-lfs"
_PARTIAL_CONTENT = 206
# A mirror slower than this after half a minute is as good as silent.
_PATIENCE_S = 30.0
_LEAST_BYTES_PER_S = 1024


class Downloader:
    """Fetches files.

    Args:
        timeout_s: how long a mirror may say nothing.
        progress: told of every byte.
    """

    def __init__(self, timeout_s: float, progress: Progress) -> None:
        self._timeout_s = timeout_s
        self._progress = progress
        self._mirrors = Mirrors(timeout_s)

    def fetch(self, url: str, wanted: SourceFile, part: Path) -> None:
        """Completes `part` from an address and checks it.

        Args:
            url: http or https.
            wanted: the content expected.
            part: what an earlier, interrupted fetch left; kept when this one is interrupted too.

        Raises:
            FetchFailure: it could not be had from there; a wrong content has been removed.
            Overloaded, Conflict, Fault: `part` cannot be written.
        """
        self._mirrors.reach(url)
        resumed = _size(part) > 0
        found = self._fetch_once(url, wanted, part)
        if found != wanted.sha256 and resumed:  # what lay there may have been the wrong half
            found = self._fetch_once(url, wanted, part)
        if found != wanted.sha256:
            raise FetchFailure(f"sent a file with sha256 {found}, expected {wanted.sha256}")

    def _fetch_once(self, url: str, wanted: SourceFile, part: Path) -> str:
        if _size(part) > wanted.size_bytes:
            part.unlink()
        self._progress.start(wanted.name, wanted.size_bytes)
        try:
            self._progress.advance(_size(part))
            self._complete(url, wanted, part)
        finally:
            self._progress.done()
        found = identify_file(part).sha256
        if found != wanted.sha256:
            part.unlink()
        return found

    def _complete(self, url: str, wanted: SourceFile, part: Path) -> None:
        for _ in range(_CONNECTIONS):
            have = _size(part)
            if have == wanted.size_bytes:
                return
            problem = self._receive(url, wanted, part)
            if _size(part) <= have:
                raise FetchFailure(problem)
        if _size(part) != wanted.size_bytes:
            raise FetchFailure(f"broke off {_CONNECTIONS} times; {_size(part)} bytes are kept for the next pull")

    def _receive(self, url: str, wanted: SourceFile, part: Path) -> str:
        """One connection; what arrived is in `part`. Returns why it ended, should that not be all."""
        have = _size(part)
        headers = {"User-Agent": "doorward", "Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        request = Request(url, headers=headers)
        try:
            with urlopen(request, timeout=self._timeout_s) as answer:
                self._store(answer, wanted, part, have)
        except HTTPError as error:
            return f"answered HTTP {error.code} {error.reason}"
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, URLError) else error
            silent = isinstance(reason, TimeoutError)
            return f"said nothing for {self._timeout_s:g} s" if silent else f"failed: {reason}"
        return "ended the connection early"

    def _store(self, answer: HTTPResponse, wanted: SourceFile, part: Path, have: int) -> None:
        if answer.status != _PARTIAL_CONTENT or not have:
            self._progress.advance(-have)  # the mirror does not resume: it sends all of it again
            have = 0
        elif not (answer.headers["Content-Range"] or "").startswith(f"bytes {have}-"):
            raise FetchFailure(f"answered with range {answer.headers['Content-Range']}, asked from {have}")
        with storage_errors(part):
            file = part.open("ab" if have else "wb", buffering=0)  # unbuffered: what arrived survives a kill
        with file:
            self._copy(answer, wanted, file, have)
        with storage_errors(part):
            sync_file(part)

    def _copy(self, answer: HTTPResponse, wanted: SourceFile, file: IO[bytes], have: int) -> None:
        begun = time.monotonic()
        total = have
        while chunk := answer.read1(_CHUNK_BYTES):
            if total == 0 and chunk.startswith(_LFS_POINTER):
                raise FetchFailure("sent a Git LFS pointer, not the file; it needs an address that serves LFS content")
            total += len(chunk)
            if total > wanted.size_bytes:
                raise FetchFailure(f"sends more than the {wanted.size_bytes} bytes expected")
            with storage_errors(Path(str(file.name))):
                file.write(chunk)
            self._progress.advance(len(chunk))
            elapsed = time.monotonic() - begun
            if elapsed > _PATIENCE_S and (total - have) / elapsed < _LEAST_BYTES_PER_S:
                raise FetchFailure(f"is too slow: {total - have} bytes in {elapsed:.0f} s")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
