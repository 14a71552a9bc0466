"""What becomes of a command that reaches a device: the rule by which it is done once at most, and never late."""

from doorward_sync.down_messages import CommandOutcome

CUT_SHORT = "the device ended before it was finished"
"""Detail of UNKNOWN."""


def without_doing(*, was_accepted: bool, is_late: bool, can_do: bool) -> tuple[CommandOutcome, str] | None:
    """The outcome of a command without a result on record, where it is not to be done; None where it is to be done.

    Args:
        was_accepted: whether it is on record as accepted: an earlier process was about to do it, or has done it.
        is_late: whether its deadline has passed.
        can_do: whether this device can do it at all.
    """
    if was_accepted:
        return CommandOutcome.UNKNOWN, CUT_SHORT
    if is_late:
        return CommandOutcome.EXPIRED, "it came after its time; nothing was done"
    if not can_do:
        return CommandOutcome.REFUSED, "this device cannot do that the way it runs now"
    return None
