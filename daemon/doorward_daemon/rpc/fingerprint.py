"""Tells two write requests with the same request_id apart."""

import hashlib

from google.protobuf.message import Message


def fingerprint_of(request: Message) -> bytes:
    """SHA-256 over a write request's type and content without its request_id, 32 bytes.

    Serialisation is deterministic within one version of the runtime; across an upgrade a repeated write may be refused
    with REQUEST_ID_REUSED, which loses nothing.
    """
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("request_id")
    digest = hashlib.sha256(request.DESCRIPTOR.full_name.encode("ascii") + b"\0")
    digest.update(bare.SerializeToString(deterministic=True))
    return digest.digest()
