"""Page tokens of lists that are short enough to be cut in memory."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from doorward_daemon.errors import ErrorReason, InvalidInput

T = TypeVar("T")


def cut_page(
    name: str, entries: Sequence[T], key_of: Callable[[T], str], size: int, token: str
) -> tuple[Sequence[T], str]:
    """Cuts a page out of a list that keeps its order.

    Args:
        name: name of the list.
        entries: all of it.
        key_of: the key of an entry, unique.
        size: entries of a page.
        token: as sent.

    Returns:
        The page, and the token of the next one, empty on the last.

    Raises:
        InvalidInput: PAGE_TOKEN_INVALID, the token was not made by this list, or its entry is gone.
    """
    after = read_page_token(name, token)
    keys = [key_of(entry) for entry in entries]
    if after and after not in keys:
        raise not_made_here()
    begin = keys.index(after) + 1 if after else 0
    page = entries[begin : begin + size]
    return page, page_after(name, key_of(page[-1])) if begin + size < len(entries) else ""


def page_after(name: str, last: str) -> str:
    """Token of the page that follows an entry.

    Args:
        name: name of the list.
        last: key of the last entry of this page.
    """
    return base64.urlsafe_b64encode(f"{name}:{last}".encode()).decode("ascii")


def read_page_token(name: str, token: str) -> str:
    """Key of the entry after which a page begins; empty for the first.

    Raises:
        InvalidInput: PAGE_TOKEN_INVALID, the token was not made by this list.
    """
    if not token:
        return ""
    try:
        found, _, last = base64.b64decode(token, altchars=b"-_", validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        found = last = ""
    if found != name or not last:
        raise not_made_here()
    return last


def not_made_here() -> InvalidInput:
    """The error about a token that another list, or nobody, has made."""
    return InvalidInput(
        ErrorReason.PAGE_TOKEN_INVALID,
        "page_token was not made by this list; send the next_page_token of the page before, or nothing",
    )
