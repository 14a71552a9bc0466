"""The only maker of channels: limits, keepalive, retries and credentials are decided here for every client."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import grpc
import grpc.aio

from doorward_client.target import Target

REQUEST_ID_KEY = "x-request-id"
"""Metadata of a call and of its response: the name of the call in the daemon's log."""
_SERVICE = "doorward_api.v1."
RETRIED_METHODS = {
    _SERVICE + "RecognitionService": ("Detect", "Extract", "Verify", "Identify"),
    _SERVICE + "GalleryService": (
        "CreateSubject",
        "GetSubject",
        "ListSubjects",
        "UpdateSubject",
        "EraseSubject",
        "AddReference",
        "RemoveReference",
        "RuleOutDecision",
    ),
    _SERVICE + "DeviceService": ("GetStatus", "GetInfo", "ListPacks", "RunSelfTest", "GetUplinkStatus"),
    _SERVICE + "EventService": ("ListEvents",),
    _SERVICE + "CameraService": ("ListCameras", "GetSnapshot"),
    _SERVICE + "AccessService": ("ListDoors", "OpenDoor"),
    _SERVICE + "AttendanceService": ("Punch",),
}
"""Unary methods that may be sent twice: they change nothing, or carry a request_id that makes them idempotent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """How a client talks; the defaults fit a daemon on the same box."""

    deadline_s: float = 10.0
    """How long a call may take, retries included, where the call itself does not say; a daemon refuses more than 30."""
    max_message_bytes: int = 9 * 1024 * 1024
    """Largest message, both ways: a picture of 8 MiB with room for what surrounds it."""
    max_attempts: int = 4
    """How often a call is sent at most when the daemon is not there or not ready; 1 switches retries off."""
    # Source: gRPC keepalive guide: pings more often than the server allows end in GOAWAY.
    keepalive_time_ms: int = 60_000
    """Silence during a call after which the daemon is asked whether it is still there."""
    keepalive_timeout_ms: int = 20_000
    """How long it may take to answer that."""


def open_channel(target: Target, settings: ChannelSettings) -> grpc.Channel:
    """Makes a blocking channel; it connects with the first call and must be closed."""
    return grpc.insecure_channel(target.uri, options=_options(settings))


def open_aio_channel(target: Target, settings: ChannelSettings) -> grpc.aio.Channel:
    """Makes an asyncio channel; it connects with the first call and must be closed."""
    return grpc.aio.insecure_channel(target.uri, options=_options(settings))


def call_metadata(target: Target, request_id: str) -> tuple[tuple[str, str], ...]:
    """What a call carries: its name for the daemon's log, and the token, except over a socket (a role itself)."""
    named = ((REQUEST_ID_KEY, request_id),)
    if target.socket is not None or not target.token:
        return named
    return (*named, ("authorization", f"Bearer {target.token}"))


def _options(settings: ChannelSettings) -> Sequence[tuple[str, str | int]]:
    return (
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.keepalive_time_ms", settings.keepalive_time_ms),
        ("grpc.keepalive_timeout_ms", settings.keepalive_timeout_ms),
        ("grpc.keepalive_permit_without_calls", 0),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.enable_retries", int(settings.max_attempts > 1)),
        ("grpc.service_config", json.dumps(_service_config(settings))),
        # A supervised daemon is back within seconds; gRPC's own waits (1 s to 2 min) are made for fleets.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        # A proxy of the environment must never see what is meant for this box.
        ("grpc.enable_http_proxy", 0),
        # Own connections per client, so that closing one client really closes them.
        ("grpc.use_local_subchannel_pool", 1),
    )


def _service_config(settings: ChannelSettings) -> dict[str, object]:
    if settings.max_attempts <= 1:
        return {}
    names = [
        {"service": service, "method": method} for service, methods in RETRIED_METHODS.items() for method in methods
    ]
    policy = {
        "maxAttempts": settings.max_attempts,
        "initialBackoff": "0.2s",
        "maxBackoff": "2s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    # Retries stop once half of the tokens are gone: a broken daemon is not asked three times as often as a healthy one.
    throttling = {"maxTokens": 10, "tokenRatio": 0.1}
    return {"methodConfig": [{"name": names, "retryPolicy": policy}], "retryThrottling": throttling}
