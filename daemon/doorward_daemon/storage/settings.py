"""How much room a database may take."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """The cap inside a database and the room that has to stay outside it."""

    max_bytes: Annotated[int, Interval(ge=_MIB, le=64 * 1024 * _MIB)] = 512 * _MIB
    """Size of the file from which nothing is added."""
    spare_disk_bytes: Annotated[int, Interval(ge=0, le=64 * 1024 * _MIB)] = 64 * _MIB
    """Free disk space below which nothing is added; log, checkpoint and recovery need room to write, too."""
