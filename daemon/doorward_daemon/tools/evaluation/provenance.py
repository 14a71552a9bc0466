"""Where figures come from: the command, the pack by content, the machine."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from doorward_daemon.inference import Runtime
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.hardware import hardware, usable_cores


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What has to be known to measure the same again."""

    command: str
    """The exact command."""
    folder: str
    """Absolute path of the pictures."""
    made_at: str
    """When, UTC, ISO 8601."""
    doorward: str
    """Version of Doorward."""
    pack: str
    """Name of the pack."""
    embedding_id: str
    """Its embedding space."""
    models: Mapping[str, str]
    """SHA-256 of each model."""
    runtime: str
    """Runtime and its version."""
    device: str
    """Where the models ran."""
    precision: str
    """In which precision."""
    threads: int
    """On how many threads."""
    hardware: Mapping[str, object]
    """The machine."""
    seed: int
    """Of the spoiling and of the drawing."""
    bands: Mapping[str, float]
    """Where the bands of the quality score begin."""
    mask_policy: str
    """What was made of masks."""


def provenance_of(
    arguments: Sequence[str], folder: Path, manifest: PackManifest, runtime: Runtime, context: ToolContext, seed: int
) -> Provenance:
    """Writes down where figures come from.

    Args:
        arguments: of the command, behind its name.
        folder: the pictures.
        manifest: of the pack.
        runtime: that ran its models.
        context: the settings.
        seed: of everything that is drawn.
    """
    truth, gate = runtime.truth, context.judging.gate
    return Provenance(
        command=shlex.join(["doorwardd", *arguments]),
        folder=str(folder.resolve()),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        doorward=_version(),
        pack=manifest.name,
        embedding_id=manifest.embedding_id,
        models={model.name: model.sha256 for model in manifest.models},
        runtime=f"{truth.runtime} {truth.runtime_version}",
        device=truth.actual_device,
        precision=truth.actual_precision,
        threads=context.inference.threads or usable_cores(),
        hardware=hardware(),
        seed=seed,
        bands={"high": gate.high_from, "medium": gate.medium_from, "low": gate.low_from},
        mask_policy=gate.mask.value,
    )


def _version() -> str:
    try:
        return version("doorward")
    except PackageNotFoundError:
        return "unknown"
