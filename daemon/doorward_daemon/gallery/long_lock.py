"""A lock that is held for long now and then: who asks for it then is told to come again, and keeps no thread."""

import contextlib
import threading
from collections.abc import Iterator

from doorward_daemon.errors import ErrorReason, Overloaded

RETRY_AFTER_S = 1.0
"""What a refused caller is told to wait."""
_LOOK_S = 0.5
"""How long anybody waits before looking whether it is going to be long."""


class LongLock:
    """A lock for callers who may be refused, and for those who may not.

    Args:
        why: what holds it for long, for the refusal.
    """

    def __init__(self, why: str) -> None:
        self._why = why
        self._lock = threading.Lock()
        self._is_long = False

    def __enter__(self) -> None:
        """Waits, however long it takes; for what cannot be refused."""
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        """Lets the next one in."""
        self._lock.release()

    @contextlib.contextmanager
    def for_long(self) -> Iterator[None]:
        """Holds it while the body runs, which may take long."""
        with self._lock:
            self._is_long = True
            try:
                yield
            finally:
                self._is_long = False

    @contextlib.contextmanager
    def briefly(self) -> Iterator[None]:
        """Holds it while the body runs.

        Raises:
            Overloaded: OVERLOADED, somebody holds it for long.
        """
        while not self._lock.acquire(timeout=_LOOK_S):
            if self._is_long:
                raise Overloaded(
                    ErrorReason.OVERLOADED,
                    f"{self._why}; try again in {RETRY_AFTER_S:g} s",
                    metadata={"work": "gallery"},
                    retry_after_s=RETRY_AFTER_S,
                )
        try:
            yield
        finally:
            self._lock.release()
