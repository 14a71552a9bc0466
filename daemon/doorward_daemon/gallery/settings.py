"""What the gallery can be told."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GallerySettings:
    """How references are kept."""

    max_bytes: Annotated[int, Interval(ge=_MIB, le=64 * 1024 * _MIB)] = 512 * _MIB
    """Size of the database from which nothing more is enrolled; about 200,000 references of 512 numbers."""
    spare_disk_bytes: Annotated[int, Interval(ge=0, le=64 * 1024 * _MIB)] = 16 * _MIB
    """Free disk space below which nothing more is enrolled; an erasure needs room to write, too."""
    remember_requests_h: Annotated[float, Interval(ge=0.1, le=720.0)] = 24.0
    """Hours for which a repeated write is answered as it was the first time."""
