"""Builds the models of a pack and installs them in one step."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.build.builder import BuildRequest, builder_of
from doorward_daemon.packs.durable import sync_file, write_durably
from doorward_daemon.packs.file_identity import FileIdentity, identify_file
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.packs.manifest_file import FILE_NAME, write_manifest
from doorward_daemon.packs.objects import ObjectFolder, place_copy
from doorward_daemon.packs.progress import Progress
from doorward_daemon.packs.recipe import BuildStep, PackRecipe
from doorward_daemon.packs.store import CURRENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """Where a pull works: all on the file system of the store."""

    root: Path
    """The store."""
    objects: ObjectFolder
    """Its files."""
    scratch: Path
    """An empty folder, removed afterwards."""


def build_models(
    recipe: PackRecipe, gathered: Mapping[str, Path], bench: Workbench, progress: Progress
) -> dict[str, FileIdentity]:
    """Builds every model of a pack into the objects.

    Args:
        recipe: of the pack.
        gathered: object of each source file by its name.
        bench: where to work.
        progress: told which model is being built.

    Returns:
        Identity of each built file by the model's name.

    Raises:
        Conflict: PACK_DAMAGED, a source cannot be what it should be, or what came out is no such model.
        Conflict: PACK_UNAVAILABLE, this installation lacks what building this pack needs.
        OSError: the store cannot be written.
    """
    upstream = bench.scratch / "upstream"
    upstream.mkdir()
    for name, path in gathered.items():
        place_copy(path, upstream / name)
    return {step.model: _build(recipe, step, bench, progress) for step in recipe.steps}


def _build(recipe: PackRecipe, step: BuildStep, bench: Workbench, progress: Progress) -> FileIdentity:
    model = next(model for model in recipe.manifest.models if model.name == step.model)
    sources = {name: bench.scratch / "upstream" / name for name in step.made_from}
    request = BuildRequest(model=model, sources=sources, target=bench.scratch / model.file)
    progress.start(f"building {model.name}", None)
    try:
        # Imported here: the checker loads onnx, which the daemon does not need to open a pack.
        from doorward_daemon.packs.build.graph_check import check_graph
        from doorward_daemon.packs.build.quality_step import add_quality

        builder_of(step.builder)(request)
        if recipe.manifest.quality is not None:
            add_quality(request.target, model, recipe.manifest.quality)
        check_graph(request.target, model)
    except ImportError as error:
        raise Conflict(
            ErrorReason.PACK_UNAVAILABLE,
            f"building pack {recipe.manifest.name} needs {error.name}: pip install 'doorward[{recipe.manifest.name}]'",
            metadata={"pack": recipe.manifest.name, "module": error.name or ""},
        ) from error
    finally:
        progress.done()
    built = identify_file(request.target)
    bench.objects.take(request.target, built.sha256)
    return built


def install(manifest: PackManifest, objects: Mapping[str, Path], bench: Workbench) -> None:
    """Puts a finished pack in place; until the last step the pack before it is the one that opens.

    Args:
        manifest: of the finished pack.
        objects: object of each of its model files by file name.
        bench: where to work.

    Raises:
        OSError: the store cannot be written.
    """
    content = write_manifest(manifest)
    digest = hashlib.sha256(content).hexdigest()
    staged = bench.scratch / digest
    staged.mkdir()
    for name, path in objects.items():
        place_copy(path, staged / name)
    write_durably(staged / FILE_NAME, content)
    home = bench.root / manifest.name
    home.mkdir(exist_ok=True)
    place = home / digest
    if place.exists():  # the same pack with a file damaged or missing: it could not be opened, so nobody misses it
        place.rename(bench.scratch / "replaced")
    staged.rename(place)
    sync_file(home)
    write_durably(home / CURRENT, f"{digest}\n".encode())
    _remove_old(home, digest)


def _remove_old(home: Path, current: str) -> None:
    # The one before stays, so that whoever is opening it just now finds its files.
    others = [path for path in home.iterdir() if path.is_dir() and path.name != current]
    for path in sorted(others, key=lambda path: path.stat().st_mtime)[:-1]:
        shutil.rmtree(path)
