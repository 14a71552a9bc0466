"""When a stream that broke is opened again, and after how long."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from doorward_client.errors import DoorwardError, NotReady, Unreachable

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
_AGAIN = frozenset({"SLOW_READER", "OVERLOADED"})


class Resumption:
    """Follows the attempts of one stream.

    What never worked is an error: a stream comes back only once it has given a response. From then on it comes back
    for as long as the daemon is away, not ready, or sends its reader away for reading too slowly.

    Args:
        wanted: whether it is to come back at all.
    """

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._worked = False
        self._failures = 0

    @property
    def is_over(self) -> bool:
        """Whether a stream that has ended well is not to be opened again."""
        return not self._wanted

    def note_response(self) -> None:
        """The stream has given a response."""
        self._worked = True
        self._failures = 0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Swallows a failure after which the stream is to be opened again; every other one is raised."""
        try:
            yield
        except DoorwardError as error:
            again = isinstance(error, Unreachable | NotReady) or error.reason in _AGAIN
            if not (self._wanted and self._worked and again):
                raise

    def pause_s(self) -> float:
        """How long to wait before the next attempt, seconds; drawn, so that readers do not come back all at once."""
        widest_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(self._failures, 10))
        self._failures += 1
        return widest_s * random.uniform(0.5, 1.0)
