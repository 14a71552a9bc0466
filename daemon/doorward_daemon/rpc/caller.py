"""Who is calling: the role and the request id that the running code works for."""

import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass

from doorward_daemon.rpc.roles import Role

REQUEST_ID_KEY = "x-request-id"
"""Name of the request id in the metadata of calls and responses."""

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Caller:
    """The other end of one call, as far as it is known."""

    role: Role
    """Role of the listener or the token."""
    request_id: str
    """Identity of the call, in its response and in the log."""


CALLER: ContextVar[Caller] = ContextVar("doorward_caller")
"""The caller of the running call; set by the interceptor before a servicer runs."""


def accept_request_id(offered: str | None) -> str:
    """The caller's request id where it is 1..64 letters, digits, dots, dashes, underscores, colons; else a new one."""
    if offered and _SANE_ID.fullmatch(offered):
        return offered
    return uuid.uuid4().hex
