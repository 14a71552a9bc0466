"""A pack as it runs in a speed mode: other files, and an embedding space of its own."""

from dataclasses import replace

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.manifest import InstalledPack, ModelEntry, PackManifest

FULL = "f32"
"""The precision packs are calibrated in."""


def in_precision(pack: InstalledPack, precision: str) -> InstalledPack:
    """The pack as it runs in a precision.

    Its embedding space is marked: templates of different precisions are as foreign to each other as those of different
    packs, so a search over both is refused and nobody is compared with a template that was made in another way.

    Args:
        pack: as installed.
        precision: that runs: f32, bf16, or int8/bf16 and int8/f32: quantised models, and what the rest computes in.

    Raises:
        Conflict: PACK_MISSING, int8 is wanted and no model of the pack has been quantised on this box.
    """
    if precision == FULL:
        return pack
    manifest = pack.manifest
    variant = precision.partition("/")[0]
    models = tuple(_variant(model, variant) for model in manifest.models)
    if variant == "int8" and models == manifest.models:
        raise Conflict(
            ErrorReason.PACK_MISSING,
            f"inference.precision: pack {manifest.name} has no int8 models on this box; run "
            f"`python -m doorward_export quantize {manifest.name}`, or set the precision to f32 or bf16",
            metadata={"pack": manifest.name, "precision": precision},
        )
    marked = replace(manifest, models=models, embedding_id=f"{manifest.embedding_id}+{precision}")
    return replace(pack, manifest=marked)


def without_variants(manifest: PackManifest) -> PackManifest:
    """The manifest as the catalogue knows it."""
    return replace(manifest, models=tuple(replace(model, variants=()) for model in manifest.models))


def _variant(model: ModelEntry, precision: str) -> ModelEntry:
    for variant in model.variants:
        if variant.precision == precision:
            return replace(model, file=variant.file, sha256=variant.sha256, size_bytes=variant.size_bytes, variants=())
    return model
