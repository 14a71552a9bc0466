"""Page tokens of lists that are short enough to be cut in memory."""

import base64
import binascii

from doorward_daemon.errors import ErrorReason, InvalidInput


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
        raise InvalidInput(
            ErrorReason.PAGE_TOKEN_INVALID,
            "page_token was not made by this list; send the next_page_token of the page before, or nothing",
        )
    return last
