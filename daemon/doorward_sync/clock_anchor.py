"""When something happened, from the time since boot and one comparison with a clock that can be believed."""

from dataclasses import dataclass

DRIFT_PPM = 100
"""What a quartz may be off, twice over: the error grows by so much away from the anchor."""
REFRESH_S = 600.0
"""An anchor of this age gives way to a newer one even where that is a little less exact."""
MOST_ANCHORS = 16
"""Boots whose anchors are kept and sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAnchor:
    """A moment at which a clock of the device and the centre's were compared."""

    boot_id: str
    """Boot it belongs to."""
    boottime_ns: int
    """Nanoseconds since that boot."""
    utc_us: int
    """The centre's time then, microseconds since 1970 UTC."""
    error_us: int
    """The true time lies within this, to both sides."""


@dataclass(frozen=True, slots=True)
class TimeEstimate:
    """When something happened, as far as can be known."""

    utc_us: int
    """Microseconds since 1970 UTC."""
    error_us: int
    """The true time lies within this, to both sides."""


def anchor_of(boot_id: str, sent_boottime_ns: int, there_and_back_s: float, centre_time_us: int) -> ClockAnchor:
    """The anchor that a question and its answer make.

    The centre read its clock at some moment between sending and receiving; the middle is wrong by half of that at most.

    Source: RFC 5905, section 8 (offset and delay), with the centre's processing counted as delay.

    Args:
        boot_id: boot of the device.
        sent_boottime_ns: when the question was sent, or before.
        there_and_back_s: from then to the answer, monotonic seconds.
        centre_time_us: what the answer says.
    """
    half_s = max(0.0, there_and_back_s) / 2
    return ClockAnchor(
        boot_id=boot_id,
        boottime_ns=sent_boottime_ns + round(half_s * 1e9),
        utc_us=centre_time_us,
        error_us=round(half_s * 1e6) + 1,
    )


def better_anchor(known: ClockAnchor | None, found: ClockAnchor) -> bool:
    """Whether a new anchor replaces a known one: another boot, more exact now, or the known one has grown old."""
    if known is None or known.boot_id != found.boot_id:
        return True
    age_ns = found.boottime_ns - known.boottime_ns
    if age_ns >= REFRESH_S * 1e9 and found.error_us <= 4 * known.error_us:
        return True
    return found.error_us < known.error_us + abs(age_ns) * DRIFT_PPM // 1_000_000_000


def estimate(anchor: ClockAnchor, boottime_ns: int) -> TimeEstimate:
    """When something of the anchor's boot happened; a wall clock that jumped changes nothing.

    Args:
        anchor: of the same boot.
        boottime_ns: when it happened, nanoseconds since that boot.
    """
    away_us = (boottime_ns - anchor.boottime_ns) // 1000
    return TimeEstimate(anchor.utc_us + away_us, anchor.error_us + abs(away_us) * DRIFT_PPM // 1_000_000)


def between(before: TimeEstimate | None, after: TimeEstimate | None) -> TimeEstimate | None:
    """When something of a boot without an anchor happened: between its neighbours in order of seq.

    Args:
        before: the last one before it that is known.
        after: the first one after it that is known.

    Returns:
        The middle of what is possible; None where one side is open.
    """
    if before is None or after is None:
        return None
    low, high = before.utc_us - before.error_us, max(before.utc_us, after.utc_us + after.error_us)
    return TimeEstimate((low + high) // 2, (high - low) // 2 + 1)
