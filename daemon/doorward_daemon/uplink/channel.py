"""Makes the channel to the centre; transport security comes in here."""

import grpc

from doorward_sync.wire_stream import LARGEST_MESSAGE_BYTES


def open_channel(address: str) -> grpc.aio.Channel:
    """A channel of its own for every attempt: gRPC's backoff must not stand behind the uplink's.

    Args:
        address: host:port or unix:/path.
    """
    return grpc.aio.insecure_channel(
        address,
        options=[
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_receive_message_length", LARGEST_MESSAGE_BYTES),
            ("grpc.max_send_message_length", LARGEST_MESSAGE_BYTES),
            ("grpc.enable_http_proxy", 0),
        ],
    )
