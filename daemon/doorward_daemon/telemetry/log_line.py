"""One record of the log as one line of JSON, without pictures, templates or secrets."""

import json
import logging
import math
from datetime import UTC, datetime
from typing import Any

WITHHELD_NAMES = (
    "authorization",
    "content",
    "embedding",
    "feature",
    "key",
    "passphrase",
    "password",
    "picture",
    "secret",
    "template",
    "token",
    "vector",
)
"""Last words of the names of extra fields that are never written out."""

_LONGEST_VALUE = 2000
_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "request_id"}


class JsonLine(logging.Formatter):
    """Writes a record as one JSON object: ts, level, logger, message, request_id, extra fields, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", ""):
            line["request_id"] = request_id
        for name, value in record.__dict__.items():
            if name not in _OWN and name not in line:
                line[name] = "<withheld>" if _is_withheld(name) else loggable(value)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def loggable(value: object) -> object:
    """What of a value may stand in a log: numbers and short texts as they are, bytes and arrays by their size only."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)  # JSON knows no NaN
    if value is None or isinstance(value, bool | int):
        return value
    if getattr(value, "ndim", None) == 0:
        return value.item()  # type: ignore[attr-defined]  # a number of numpy
    if isinstance(value, bytes | bytearray) or getattr(value, "ndim", None):
        size_bytes = getattr(value, "nbytes", None) or len(value)  # type: ignore[arg-type]
        return f"<{type(value).__name__}, {size_bytes} bytes>"
    if isinstance(value, list | tuple | set | frozenset):
        return [loggable(item) for item in value][:50]
    if isinstance(value, dict):
        return {str(key): "<withheld>" if _is_withheld(str(key)) else loggable(item) for key, item in value.items()}
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}… ({len(text)} characters)"


def _is_withheld(name: str) -> bool:
    return name.lower().rsplit("_", 1)[-1] in WITHHELD_NAMES
