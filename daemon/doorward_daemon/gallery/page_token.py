"""Opaque tokens that say where the next page of a list begins."""

import base64
import binascii
import hashlib

from doorward_daemon.errors import ErrorReason, FieldProblem, InvalidInput

_CHECK_BYTES = 6


def make_page_token(last_subject_id: str) -> str:
    """The token of the page that follows a subject."""
    subject = last_subject_id.encode("utf-8")
    return base64.urlsafe_b64encode(_check(subject) + subject).decode("ascii").rstrip("=")


def read_page_token(token: str) -> str:
    """The subject a page follows; empty for the first page.

    Raises:
        InvalidInput: PAGE_TOKEN_INVALID, this gallery gave no such token.
    """
    if not token:
        return ""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        subject_id = raw[_CHECK_BYTES:].decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise _invalid() from error
    # Compared whole: base64 lets several spellings decode to the same bytes.
    if not subject_id or make_page_token(subject_id) != token:
        raise _invalid()
    return subject_id


def _check(subject: bytes) -> bytes:
    return hashlib.blake2s(subject, digest_size=_CHECK_BYTES, person=b"dwpage1").digest()


def _invalid() -> InvalidInput:
    return InvalidInput(
        ErrorReason.PAGE_TOKEN_INVALID,
        "page_token: this is no token of this list; send the next_page_token of the page before, or none to start over",
        problems=[FieldProblem("page_token", "expected the next_page_token of the page before")],
    )
