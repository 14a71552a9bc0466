"""The log of the daemon: JSON lines to a daily rotated file or to standard error, written by a thread of its own."""

import copy
import logging
import logging.handlers
import queue
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Interval

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.telemetry.log_line import JsonLine, loggable
from doorward_daemon.telemetry.request_id import current_request_id

LOG_FILE = "doorwardd.log"
"""Name of the file in the log folder; older days carry their date behind it."""

_WAITING_LINES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """How much is logged, and where."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least important level that is written."""
    target: Literal["file", "stderr"] = "file"
    """file: <home>/log/doorwardd.log, rotated at midnight UTC; stderr: for a supervisor that keeps it."""
    keep_days: Annotated[int, Interval(ge=1, le=365)] = 7
    """Days that are kept beside the running one."""


class _Outbox(logging.handlers.QueueHandler):
    """Takes records from any thread without touching the disk; a full queue drops lines instead of stopping work."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Fixes what the writing thread cannot know: the text and the request in hand."""
        fixed = copy.copy(record)
        if isinstance(record.args, tuple):
            fixed.args = tuple(loggable(value) for value in record.args)
        elif record.args:
            fixed.args = {name: loggable(value) for name, value in record.args.items()}
        fixed.msg = fixed.getMessage()
        fixed.args = None
        fixed.request_id = current_request_id()
        return fixed

    def enqueue(self, record: logging.LogRecord) -> None:
        """Hands the record over, or drops it where the writer is that far behind."""
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            return


class _LogFile(logging.handlers.TimedRotatingFileHandler):
    """The log file. A disk that takes no more costs lines, which are counted, and nothing else."""

    _lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a line, and how many before it could not be written."""
        lost = self._lost
        super().emit(record)
        if lost and self._lost == lost:
            self._lost = 0
            found = {"name": __name__, "levelno": logging.WARNING, "levelname": "WARNING"}
            super().emit(logging.makeLogRecord({**found, "msg": f"{lost} lines of this log could not be written"}))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Counts a line. A trace for each of them on standard error would fill the supervisor's disk as well."""
        self._lost += 1

    def close(self) -> None:
        """Closes the file, whether or not its disk takes what is left."""
        with suppress(OSError):
            super().close()


@contextmanager
def open_log(settings: LogSettings, folder: Path) -> Iterator[None]:
    """Logs everything of this process as JSON lines while the body runs.

    Args:
        settings: how much and where.
        folder: the log folder; used for target `file` only.

    Raises:
        Conflict: DATA_FOLDER_UNUSABLE, the file cannot be written.
    """
    writer = _open_writer(settings, folder)
    writer.setFormatter(JsonLine())
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(_WAITING_LINES)
    outbox = _Outbox(waiting)
    listener = logging.handlers.QueueListener(waiting, writer)
    root = logging.getLogger()
    before = root.level
    root.setLevel(settings.level)
    root.addHandler(outbox)
    listener.start()
    try:
        yield
    finally:
        root.removeHandler(outbox)
        root.setLevel(before)
        listener.stop()
        writer.close()


def _open_writer(settings: LogSettings, folder: Path) -> logging.Handler:
    if settings.target == "stderr":
        return logging.StreamHandler(sys.stderr)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        return _LogFile(folder / LOG_FILE, when="midnight", utc=True, backupCount=settings.keep_days, encoding="utf-8")
    except OSError as error:
        raise Conflict(
            ErrorReason.DATA_FOLDER_UNUSABLE,
            f"{folder / LOG_FILE}: the log cannot be written: {error.strerror}; give the daemon's user write access "
            'and free space, or set log.target = "stderr"',
            metadata={"folder": str(folder)},
        ) from error
