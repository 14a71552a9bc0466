"""Reads and writes pack.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import tomli_w
from pydantic import TypeAdapter, ValidationError

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.manifest import PackManifest

FILE_NAME = "pack.toml"


def write_manifest(manifest: PackManifest) -> bytes:
    """The content of pack.toml; equal manifests give equal bytes."""
    return tomli_w.dumps(_without_none(asdict(manifest))).encode()


def read_manifest(content: bytes, place: str) -> PackManifest:
    """Reads the content of a pack.toml.

    Args:
        content: of the file.
        place: where it came from, for the message.

    Raises:
        Conflict: PACK_DAMAGED, it is no pack.toml of this version.
    """
    try:
        return manifest_from(tomllib.loads(content.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise Conflict(
            ErrorReason.PACK_DAMAGED,
            f"{place} is no description of a pack that this version reads: {error}; pull the pack again",
            metadata={"file": place, "expected": "pack.toml", "found": type(error).__name__},
        ) from error


def manifest_from(raw: Mapping[str, Any]) -> PackManifest:
    """Makes a manifest of parsed TOML.

    Raises:
        pydantic.ValidationError: a field is missing or of the wrong kind.
    """
    return TypeAdapter(PackManifest).validate_python(raw)


def _without_none(value: Any) -> Any:  # noqa: ANN401 - any value of TOML
    # TOML has no null; an absent key reads back as the field's default, which is None wherever None is allowed.
    if isinstance(value, dict):
        return {key: _without_none(part) for key, part in value.items() if part is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(part) for part in value]
    return value
