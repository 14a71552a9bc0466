"""Who is at the other end of a stream: the one place to change when devices prove it by certificate."""

from typing import Any

import grpc


def proved_device(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    """Identity that the transport proves; empty while none does, and Hello is believed."""
    del context
    return ""


def address_of(context: grpc.aio.ServicerContext[Any, Any]) -> str:
    """Where a stream comes from, without the port, which changes with every connection."""
    kind, _, rest = str(context.peer()).partition(":")
    return kind if kind == "unix" else rest.rpartition(":")[0] or rest
