"""Brings a pack onto this box."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from doorward_daemon.errors import Conflict, DoorwardError, ErrorReason, FieldProblem, InvalidInput
from doorward_daemon.packs.assemble import Workbench, build_models, install
from doorward_daemon.packs.catalogue import recipes
from doorward_daemon.packs.durable import storage_errors
from doorward_daemon.packs.file_identity import FileIdentity
from doorward_daemon.packs.gather import Gatherer, unavailable
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.packs.objects import ObjectFolder
from doorward_daemon.packs.precision import without_variants
from doorward_daemon.packs.progress import Progress
from doorward_daemon.packs.pull_sources import PullSources
from doorward_daemon.packs.recipe import PackRecipe
from doorward_daemon.packs.remedy import OWN_CHECKPOINT, way_to
from doorward_daemon.packs.store import PackStore
from doorward_daemon.packs.store_lock import hold_store

__all__ = ["AUTO", "AUTO_ORDER", "PullSources", "pull_pack"]

AUTO = "auto"
"""Name that asks for the first pack that can be had."""
AUTO_ORDER = ("compact", "starter")
"""Packs a new box tries, the better one first."""
_SCRATCH = ".scratch-"


def pull_pack(
    store: PackStore,
    name: str,
    sources: PullSources,
    progress: Progress,
    known: Sequence[PackRecipe] | None = None,
) -> InstalledPack:
    """Installs a pack, or repairs it; returns at once when it is there, intact and what the catalogue says.

    The first pack of a box is written down as its active one. `auto` always means that one once there is one: a box
    never changes its pack by itself, because templates of different packs do not compare.

    Args:
        store: where to.
        name: of the pack, or `auto`.
        sources: where its files may come from.
        progress: told what goes on.
        known: recipes; None = those of the catalogue.

    Raises:
        InvalidInput: FIELD_INVALID, no such pack is known.
        NotReady: PACK_UNAVAILABLE, with every source tried and why it did not deliver.
        Conflict: PACK_DAMAGED, what was to be built is not what it should be.
        Overloaded, Conflict, Fault: the store cannot be written.
    """
    by_name = {recipe.manifest.name: recipe for recipe in (recipes() if known is None else known)}
    ready = _ready(store, by_name.get(store.active() or "") if name == AUTO else by_name.get(name))
    if ready is not None:
        return ready
    with storage_errors(store.root):
        store.root.mkdir(parents=True, exist_ok=True)
        with hold_store(store.root, progress):
            if name == AUTO:
                return _pull_first(store, by_name, sources, progress)
            return _pull(store, _recipe(by_name, name), sources, progress)


def _pull_first(
    store: PackStore, by_name: dict[str, PackRecipe], sources: PullSources, progress: Progress
) -> InstalledPack:
    active = store.active()
    if active is not None:
        return _pull(store, _recipe(by_name, active), sources, progress)
    problems = []
    for name in AUTO_ORDER:
        if name not in by_name:
            continue
        try:
            return _pull(store, by_name[name], sources, progress)
        except DoorwardError as error:
            if error.reason is not ErrorReason.PACK_UNAVAILABLE:
                raise
            problems.append(error.metadata.get("tried", error.message))
    raise unavailable(AUTO, [line for problem in problems for line in problem.split(" | ")])


def _pull(store: PackStore, recipe: PackRecipe, sources: PullSources, progress: Progress) -> InstalledPack:
    name = recipe.manifest.name
    if _current(store, recipe) is None:
        with workbench(store) as bench:
            gathered = Gatherer(bench.objects, store.root / "partial", sources, progress).gather(recipe)
            manifest = recipe.finished(build_models(recipe, gathered, bench, progress))
            install(manifest, {model.file: bench.objects.path_of(model.sha256) for model in manifest.models}, bench)
        _tidy(store)
    pack = store.open(name)
    if store.active() is None:
        store.set_active(name)
    return pack


def _ready(store: PackStore, recipe: PackRecipe | None) -> InstalledPack | None:
    # Looked at before anything is locked or written: a box may keep its packs on a read-only disk.
    if recipe is None or store.active() is None:
        return None
    return _current(store, recipe)


def _current(store: PackStore, recipe: PackRecipe) -> InstalledPack | None:
    """The installed pack, if it is intact and differs from the recipe in nothing but what building adds."""
    try:
        pack = store.open(recipe.manifest.name)
    except Conflict as error:
        if error.reason not in {ErrorReason.PACK_MISSING, ErrorReason.PACK_DAMAGED}:
            raise
        return None
    built = {model.name: FileIdentity(model.sha256, model.size_bytes) for model in pack.manifest.models}
    same_models = set(built) == {model.name for model in recipe.manifest.models}
    # Variants in other precisions are this box's own addition to the pack.
    return pack if same_models and recipe.finished(built) == without_variants(pack.manifest) else None


def _recipe(by_name: dict[str, PackRecipe], name: str) -> PackRecipe:
    if name in by_name:
        return by_name[name]
    problem = f"no pack is called {name!r}; this version knows {', '.join(sorted(by_name))}"
    if name == OWN_CHECKPOINT:
        problem = f"{name} is made of a checkpoint of your own and pulled from nowhere; {way_to(name)}"
    raise InvalidInput(ErrorReason.FIELD_INVALID, problem, problems=[FieldProblem("pack", problem)])


@contextmanager
def workbench(store: PackStore) -> Iterator[Workbench]:
    """A place to build in, removed afterwards; the caller holds the store.

    Raises:
        OSError: the store cannot be written.
    """
    for left_over in store.root.glob(f"{_SCRATCH}*"):  # of a pull that was killed; the lock says it is not running
        shutil.rmtree(left_over, ignore_errors=True)
    scratch = Path(mkdtemp(prefix=_SCRATCH, dir=store.root))
    try:
        yield Workbench(root=store.root, objects=ObjectFolder(store.root / "objects"), scratch=scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _tidy(store: PackStore) -> None:
    """Removes files that no pack on this box is made of or from."""
    keep: set[str] = set()
    for name in store.installed():
        try:
            manifest = store.open(name).manifest
        except DoorwardError:
            return  # a pack that cannot be read cannot say what it needs
        keep |= {model.sha256 for model in manifest.models} | {file.sha256 for file in manifest.source_files}
        keep |= {variant.sha256 for model in manifest.models for variant in model.variants}
    ObjectFolder(store.root / "objects").prune(keep)
