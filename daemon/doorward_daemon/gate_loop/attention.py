"""How closely a gate has to look at the next frame."""

from collections.abc import Collection
from enum import Enum

from doorward_daemon.gate_loop.track_record import TrackRecord


class Attention(Enum):
    """How closely a gate has to look."""

    NOBODY = "nobody"
    """No face is followed."""
    SETTLED = "settled"
    """Everybody in view was decided about, and nobody is due to be looked at again."""
    GATHERING = "gathering"
    """Somebody is still to be decided about, or was missed in the newest frame."""


def attention_to(records: Collection[TrackRecord], now_ns: int) -> Attention:
    """How closely these tracks have to be looked at.

    Args:
        records: the tracks that are followed.
        now_ns: capture time of the frame, monotonic.
    """
    if not records:
        return Attention.NOBODY
    return Attention.SETTLED if all(record.is_settled(now_ns) for record in records) else Attention.GATHERING
