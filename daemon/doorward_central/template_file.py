"""Reads the template of a subject from what `doorward extract --json` printed."""

import json
import math
import struct
import time
import uuid
from pathlib import Path
from typing import Any

from doorward_api.v1 import uplink_pb2
from doorward_central.error import CentreError
from doorward_sync.wire_event import to_wire_time

_LEAST_NUMBERS = 2


def read_template(path: Path) -> uplink_pb2.ReferenceRecord:
    """One reference.

    Args:
        path: a JSON document with `feature`, `embedding_id`, `precision` and `quality_score`.

    Raises:
        CentreError: FIELD_INVALID, it is no such document.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return _reference(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        found = f"{path}: expected what `doorward extract IMAGE --json` prints, found {error!r}"
        raise CentreError("FIELD_INVALID", found, file=str(path)) from error


def _reference(document: dict[str, Any]) -> uplink_pb2.ReferenceRecord:
    numbers = [float(number) for number in document["feature"]]
    length = math.sqrt(sum(number * number for number in numbers))
    if len(numbers) < _LEAST_NUMBERS or not math.isfinite(length) or length <= 0.0:
        raise ValueError(f"{len(numbers)} numbers of length {length}")
    embedding_id = str(document["embedding_id"])
    if not embedding_id:
        raise ValueError("no embedding_id: the picture was judged and not embedded")
    return uplink_pb2.ReferenceRecord(
        reference_id=str(uuid.uuid4()),
        template=struct.pack(f"<{len(numbers)}f", *(number / length for number in numbers)),
        embedding_id=embedding_id,
        precision=str(document.get("precision", "")),
        quality_score=float(document.get("quality_score", 0.0)),
        create_time=to_wire_time(time.time_ns() // 1000),
    )
