"""The request that the running code works for, so that every line of its log can be found by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_REQUEST_ID: ContextVar[str] = ContextVar("doorward_request_id", default="")


def current_request_id() -> str:
    """Identity of the request in hand; empty outside of one."""
    return _REQUEST_ID.get()


@contextmanager
def request_in_hand(request_id: str) -> Iterator[None]:
    """Marks the body, and threads started with a copy of its context, as work for one request."""
    token = _REQUEST_ID.set(request_id)
    try:
        yield
    finally:
        _REQUEST_ID.reset(token)
