"""Which implementation of protobuf reads what strangers send."""

from google.protobuf.internal import api_implementation

from doorward_daemon.errors import ErrorReason, InvalidInput


def require_native_runtime() -> None:
    """Refuses to serve with protobuf's pure Python parser, which recurses on crafted input.

    Source: protocolbuffers/protobuf#25335 and #26437.

    Raises:
        InvalidInput: CONFIG_INVALID.
    """
    if (found := api_implementation.Type()) != "upb":
        raise InvalidInput(
            ErrorReason.CONFIG_INVALID,
            f"protobuf runs on its {found} implementation, expected upb; unset PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION, "
            "or install the protobuf wheel of this platform",
        )
