"""Keeps single calls in the order of a stream: each number once, without gaps."""

from doorward_sync.batch_run import ProtocolError


class PushOrder:
    """The numbers of one stream that comes as calls."""

    def __init__(self) -> None:
        self._last = 0

    def take(self, number: int) -> bool:
        """Takes a message.

        Args:
            number: 1, 2, 3, ...

        Returns:
            Whether it is new; one that comes again changes nothing.

        Raises:
            ProtocolError: one before it is missing.
        """
        if number > self._last + 1:
            raise ProtocolError(f"message {number} came, {self._last + 1} is missing")
        is_new = number == self._last + 1
        self._last = max(self._last, number)
        return is_new
