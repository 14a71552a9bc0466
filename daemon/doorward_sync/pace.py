"""How much may be under way on a line of unknown speed: more while answers come quickly, half where they do not."""

SMALLEST_BATCH_BYTES = 2 * 1024
"""A batch that any line carries: half a second at 32 kbit/s. A larger event travels alone all the same."""
_SILENCE_PART = 6
"""What is under way may delay answers by this part of the silence after which a line counts as dead."""
_QUICK_PART = 8
"""A delay below this part of that shows a line with room for twice as much."""
_CALM_PART = 2
"""A delay below this part of that shows a line with room for a little more."""


class SendingPace:
    """Additive increase, multiplicative decrease, by the delay of acknowledgements. One per uplink, over its streams.

    What is under way stands before every sign of life, so it must pass in a fraction of the silence that ends a
    stream. The delay is what an answer takes beyond what a batch took that was alone: a centre that takes its time is
    no slow line.

    Args:
        largest_bytes: of a batch.
    """

    __slots__ = ("_alone_s", "_base_s", "_changed_s", "_largest_bytes", "batch_bytes", "is_single")

    def __init__(self, largest_bytes: int) -> None:
        self.batch_bytes = SMALLEST_BATCH_BYTES
        """Size of the next batch."""
        self.is_single = False
        """Whether one batch per lane is all that may be under way, whatever the credit: so each of them is alone."""
        self._largest_bytes = largest_bytes
        self._changed_s = float("-inf")
        self._base_s = float("inf")
        self._alone_s = float("-inf")

    def sent_alone(self, now_s: float) -> None:
        """A batch was handed over for sending while nothing was under way."""
        self._alone_s = now_s

    def answered(self, sent_s: float, now_s: float, silence_s: float) -> None:
        """A batch was acknowledged.

        Args:
            sent_s: when it was handed over for sending, monotonic seconds.
            now_s: monotonic seconds.
            silence_s: silence after which the line counts as dead.
        """
        if sent_s < self._changed_s:
            return  # what was sent before the last change says nothing about it
        took_s, target_s = now_s - sent_s, silence_s / _SILENCE_PART
        self._base_s = took_s if sent_s == self._alone_s else min(self._base_s, took_s)
        delay_s = took_s - self._base_s
        if delay_s > target_s:
            self._change(self.batch_bytes // 2, now_s)
        elif delay_s <= target_s / _QUICK_PART:
            self._change(self.batch_bytes * 2, now_s)
        elif delay_s <= target_s / _CALM_PART:
            self._change(self.batch_bytes + SMALLEST_BATCH_BYTES, now_s)

    def broke(self, now_s: float) -> None:
        """A stream ended with batches under way: nothing is known of the line any more."""
        self._change(SMALLEST_BATCH_BYTES, now_s)

    def _change(self, batch_bytes: int, now_s: float) -> None:
        self.is_single = batch_bytes < SMALLEST_BATCH_BYTES
        self.batch_bytes = min(max(batch_bytes, SMALLEST_BATCH_BYTES), self._largest_bytes)
        self._changed_s = now_s
