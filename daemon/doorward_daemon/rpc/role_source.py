"""Where a call's role comes from: the socket it came in on, or its bearer token."""

import hmac
from collections.abc import Mapping
from typing import Protocol

from doorward_daemon.errors import ErrorReason, Forbidden
from doorward_daemon.rpc.roles import Role

_SCHEME = "bearer "


class RoleSource(Protocol):
    """Tells the role of a call."""

    def role_of(self, authorization: str | None) -> Role:
        """Role of a call with this `authorization` metadata.

        Raises:
            Forbidden: TOKEN_INVALID.
        """
        ...


class SocketRole:
    """Every call on one Unix socket has that socket's role: Python's gRPC cannot see who is at its other end."""

    def __init__(self, role: Role) -> None:
        self._role = role

    def role_of(self, authorization: str | None) -> Role:
        """The socket's role, whatever the caller says."""
        del authorization
        return self._role


class TokenRoles:
    """Calls on TCP bring the token of their role.

    Args:
        tokens: the token of each role.
    """

    def __init__(self, tokens: Mapping[Role, str]) -> None:
        self._tokens = {role: token.encode("ascii") for role, token in tokens.items()}

    def role_of(self, authorization: str | None) -> Role:
        """Role whose token this is; every token is compared, in constant time, so that nothing is learned by waiting.

        Raises:
            Forbidden: TOKEN_INVALID, there is no token or it is nobody's.
        """
        offered = authorization or ""
        token = offered[len(_SCHEME) :].strip().encode("utf-8") if offered.lower().startswith(_SCHEME) else b""
        found = [role for role, known in self._tokens.items() if hmac.compare_digest(known, token)]
        if not found:
            raise Forbidden(
                ErrorReason.TOKEN_INVALID,
                "the bearer token is missing or wrong; send `authorization: Bearer <token>` with the content of "
                "data/tokens/<role>.token",
            )
        return max(found)
