"""Puts models of another precision beside those of a pack, in one step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from doorward_daemon.packs.assemble import install
from doorward_daemon.packs.durable import storage_errors
from doorward_daemon.packs.file_identity import identify_file
from doorward_daemon.packs.manifest import CalibrationRecord, InstalledPack, ModelEntry, ModelVariant
from doorward_daemon.packs.objects import place_copy
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.pull import workbench
from doorward_daemon.packs.store import PackStore
from doorward_daemon.packs.store_lock import hold_store


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVariant:
    """A model in another precision, ready to be installed."""

    precision: str
    """int8."""
    path: Path
    """Its file."""
    record: CalibrationRecord
    """How it came about."""

    def of(self, model: ModelEntry) -> ModelVariant:
        """What the manifest will say about it."""
        found = identify_file(self.path)
        return ModelVariant(
            precision=self.precision,
            file=f"{Path(model.file).stem}.{self.precision}.onnx",
            sha256=found.sha256,
            size_bytes=found.size_bytes,
            record=self.record,
        )


def with_variants(pack: InstalledPack, made: Mapping[str, NewVariant]) -> InstalledPack:
    """The pack with variants in its manifest; earlier ones of the same precision are replaced.

    Args:
        pack: as installed.
        made: by name of the model.
    """
    models = []
    for model in pack.manifest.models:
        if model.name in made:
            new = made[model.name].of(model)
            kept = tuple(one for one in model.variants if one.precision != new.precision)
            model = replace(model, variants=(*kept, new))
        models.append(model)
    return replace(pack, manifest=replace(pack.manifest, models=tuple(models)))


def install_variants(store: PackStore, pack: InstalledPack, made: Mapping[str, NewVariant]) -> InstalledPack:
    """Installs variants; until the last step the pack before is the one that opens.

    Args:
        store: where the pack is.
        pack: as it is now.
        made: by name of the model.

    Raises:
        Overloaded, Conflict, Fault: the store cannot be written.
    """
    manifest = with_variants(pack, made).manifest
    with storage_errors(store.root), hold_store(store.root, SilentProgress()), workbench(store) as bench:
        files = {model.file: bench.objects.path_of(model.sha256) for model in manifest.models}
        for model in manifest.models:
            for variant in model.variants:
                files[variant.file] = bench.objects.path_of(variant.sha256)
                if model.name in made and made[model.name].precision == variant.precision:
                    copy = bench.scratch / variant.file
                    place_copy(made[model.name].path, copy)
                    bench.objects.take(copy, variant.sha256)
        install(manifest, files, bench)
    return store.open(manifest.name)
