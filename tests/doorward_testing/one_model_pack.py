"""Packs made of tiny networks."""

import hashlib
from dataclasses import replace
from pathlib import Path

from doorward_daemon.packs.manifest import (
    Alignment,
    Calibration,
    ChannelOrder,
    InputLayout,
    InstalledPack,
    ModelEntry,
    ModelRole,
    PackManifest,
)

_CALIBRATION = Calibration(
    thresholds_at_fmr=((1e-2, 0.2), (1e-3, 0.3)),
    margin=0.05,
    similarity_slope=16.0,
    duplicate_score=0.45,
    outlier_score=0.15,
    norm_reference=20.0,
    norm_lost=10.0,
    norm_weight=0.0,
)
_TEMPLATE = ((2.0, 3.0), (6.0, 3.0), (4.0, 4.0), (2.5, 6.0), (5.5, 6.0))


def tiny_entry(file: Path, role: ModelRole, kind: str, *, outputs: tuple[str, ...], side_px: int = 8) -> ModelEntry:
    """Describes a tiny network: input `input`, BGR 0..255, square."""
    content = file.read_bytes() if file.is_file() else b""
    digest = hashlib.sha256(content).hexdigest()
    return ModelEntry(
        name=file.stem,
        role=role,
        kind=kind,
        file=file.name,
        sha256=digest,
        size_bytes=len(content),
        licence="CC0-1.0",
        sources=(),
        source_sha256=digest,
        training_data="none",
        input=InputLayout(name="input", channels=ChannelOrder.BGR, height_px=side_px, width_px=side_px),
        outputs=outputs,
    )


def tiny_pack(
    folder: Path, *entries: ModelEntry, centre: tuple[float, ...] = (), embedding_dimension: int = 3
) -> InstalledPack:
    """Puts a pack together whose files lie in a folder."""
    manifest = PackManifest(
        name="tiny",
        version="1",
        description="For tests.",
        models=entries,
        embedding_id="tiny-1",
        embedding_dimension=embedding_dimension,
        alignment=Alignment(size_px=8, template_px=_TEMPLATE),
        calibration=_CALIBRATION,
    )
    return InstalledPack(manifest=replace(manifest, centre=centre), folder=folder)
