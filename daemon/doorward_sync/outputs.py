"""What the machine of either end asks of its surroundings, apart from storage."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

MessageT = TypeVar("MessageT", covariant=True)


@dataclass(frozen=True, slots=True)
class Send(Generic[MessageT]):
    """Send this message."""

    message: MessageT
    """The message."""


class CloseReason(StrEnum):
    """Why a stream was ended from this side."""

    GREETING_LATE = "greeting_late"
    """The first message of the other end did not come in time."""
    SILENT = "silent"
    """No sign of life for the agreed number of intervals: half-open, or blocked."""
    ANSWER_LATE = "answer_late"
    """An acknowledgement did not come in time."""
    PROTOCOL = "protocol"
    """The other end broke the protocol."""
    NEW_EPOCH = "new_epoch"
    """The journal moved to a new epoch; say Hello again."""
    JOURNAL_GAP = "journal_gap"
    """The journal lacks events that were never acknowledged."""
    BROKEN = "broken"
    """The other end ended the stream, or the connection broke."""
    SENT_AWAY = "sent_away"
    """The centre said GoAway."""
    TAKEN_OVER = "taken_over"
    """A newer stream of the device took over."""
    STORAGE_FAILED = "storage_failed"
    """Storing failed."""
    STOPPED = "stopped"
    """This end stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """End the stream; everything the session still holds is void."""

    reason: CloseReason
    """Why."""
    detail: str = ""
    """What exactly, for the log."""
    reconnect_s: tuple[float, float] | None = None
    """Range to draw the next attempt from, where one is prescribed; None leaves it to the policy."""


class AlarmKind(StrEnum):
    """What an operator should hear of."""

    PROTOCOL_ERROR = "protocol_error"
    """The other end broke the protocol."""
    CLONE_SUSPECTED = "clone_suspected"
    """The centre has what this journal never wrote, or something else: an old image, or a second device."""
    CENTRE_WENT_BACK = "centre_went_back"
    """The centre lost what it had acknowledged."""
    HOLE = "hole"
    """Events are missing for good."""
    GAP = "gap"
    """A batch did not follow the one before it: cannot happen on an ordered stream."""
    GALLERY_DISAGREES = "gallery_disagrees"
    """Digests disagree."""
    GALLERY_REFUSED = "gallery_refused"
    """A chunk of the gallery was not taken; the gallery in force stays."""
    CONFIG_REFUSED = "config_refused"
    """A device does not take the configuration it is to have; it keeps the one it has."""
    POISON = "poison"
    """An event that the centre cannot take was put into quarantine."""
    POISON_BRAKE = "poison_brake"
    """The centre refuses one event after the other: none is put aside any more, a person has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Count it, write it down, show it; the machine has already acted."""

    kind: AlarmKind
    """What."""
    detail: str
    """Where, expected, found."""
