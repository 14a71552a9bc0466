"""Brings the upstream files of a pack into the store, from the nearest source that has them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from doorward_daemon.errors import ErrorReason, NotReady
from doorward_daemon.packs.archive import extract_member
from doorward_daemon.packs.download import Downloader
from doorward_daemon.packs.fetch_failure import FetchFailure
from doorward_daemon.packs.file_identity import identify_file
from doorward_daemon.packs.objects import ObjectFolder
from doorward_daemon.packs.pip_index import fetch_with_pip
from doorward_daemon.packs.progress import Progress
from doorward_daemon.packs.pull_sources import PullSources
from doorward_daemon.packs.recipe import PackRecipe
from doorward_daemon.packs.search_folder import find_in_folder
from doorward_daemon.packs.source import SourceFile


class Gatherer:
    """Gathers files for one pull.

    Args:
        objects: where they go.
        partial: folder of downloads under way, on the same file system.
        sources: where they may come from.
        progress: told what goes on.
    """

    def __init__(self, objects: ObjectFolder, partial: Path, sources: PullSources, progress: Progress) -> None:
        self._objects = objects
        self._partial = partial
        self._sources = sources
        self._progress = progress
        self._downloader = Downloader(sources.mirror_timeout_s, progress)
        self._tried: list[str] = []

    def gather(self, recipe: PackRecipe) -> dict[str, Path]:
        """Brings in every source file of a pack.

        Args:
            recipe: of the pack.

        Returns:
            The object of each source file by the file's name.

        Raises:
            NotReady: PACK_UNAVAILABLE, with every source that was tried and why it did not deliver.
            OSError: the store cannot be written.
        """
        self._partial.mkdir(parents=True, exist_ok=True)
        self._tried.clear()
        gathered: dict[str, Path] = {}
        for wanted in recipe.manifest.source_files:
            found = gathered.get(wanted.name) or self._obtain(wanted, recipe, gathered)
            if found is None:
                raise unavailable(recipe.manifest.name, self._tried)
            gathered[wanted.name] = found
        return gathered

    def _obtain(self, wanted: SourceFile, recipe: PackRecipe, gathered: dict[str, Path]) -> Path | None:
        found = self._from_here(wanted) or self._from_mirrors(wanted)
        archive = next((archive for archive in recipe.archives if archive.name == wanted.archive), None)
        if found is None and archive is not None:
            siblings = [file for file in recipe.manifest.source_files if file.archive == archive.name]
            self._unpack(archive, [file for file in siblings if file.name not in gathered], gathered)
            found = gathered.get(wanted.name)
        return found

    def _from_here(self, wanted: SourceFile) -> Path | None:
        stored = self._objects.find(wanted.sha256)
        return stored or self._copy_from_folders(wanted)

    def _copy_from_folders(self, wanted: SourceFile) -> Path | None:
        for folder in self._sources.folders:
            path, why = find_in_folder(folder, wanted)
            if path is None:
                self._note(wanted, str(folder), why)
                continue
            part = self._part(wanted)
            copyfile(path, part)
            if identify_file(part).sha256 == wanted.sha256:  # the copy counts: a stick may lie the second time
                return self._objects.take(part, wanted.sha256)
            part.unlink()
            self._note(wanted, str(path), "changed while it was read")
        return None

    def _from_mirrors(self, wanted: SourceFile) -> Path | None:
        part = self._part(wanted)
        for url in wanted.urls:
            if self._network_try(wanted, url, partial(self._downloader.fetch, url, wanted, part)):
                return self._objects.take(part, wanted.sha256)
        return None

    def _unpack(self, archive: SourceFile, members: list[SourceFile], gathered: dict[str, Path]) -> None:
        """Takes members out of an archive that is fetched for this and not kept."""
        with TemporaryDirectory(dir=self._partial) as scratch:
            path = self._archive(archive, Path(scratch))
            if path is None:
                return
            for member in members:
                target = Path(scratch) / "member"
                try:
                    extract_member(path, member, target)
                except FetchFailure as failure:
                    self._note(member, archive.name, failure.why)
                    return
                gathered[member.name] = self._objects.take(target, member.sha256)

    def _archive(self, archive: SourceFile, scratch: Path) -> Path | None:
        stored = self._from_here(archive) or self._from_mirrors(archive)
        if stored is not None or not archive.pip:
            return stored
        delivered: list[Path] = []
        label = f"{archive.pip} (pip)"
        self._progress.start(label, None)
        fetched = self._network_try(
            archive,
            f"pip {archive.pip}",
            lambda: delivered.append(fetch_with_pip(archive, scratch, self._sources.mirror_timeout_s)),
        )
        self._progress.done()
        return delivered[0] if fetched else None

    def _network_try(self, wanted: SourceFile, place: str, fetch: Callable[[], None]) -> bool:
        if self._sources.offline:
            self._note(wanted, place, "not asked: offline")
            return False
        try:
            fetch()
        except FetchFailure as failure:
            self._note(wanted, place, failure.why)
            return False
        return True

    def _part(self, wanted: SourceFile) -> Path:
        return self._partial / f"{wanted.sha256}.part"

    def _note(self, wanted: SourceFile, place: str, why: str) -> None:
        self._tried.append(f"{wanted.name}: {place}: {why}")


def unavailable(pack: str, tried: list[str]) -> NotReady:
    """The error for a pack none of whose sources delivered.

    Args:
        pack: its name.
        tried: one line per source: file, place, why.
    """
    asked = "--auto" if pack == "auto" else pack
    lines = "".join(f"\n  {line}" for line in tried)
    return NotReady(
        ErrorReason.PACK_UNAVAILABLE,
        f"pack {pack} cannot be had; tried{lines or ' nothing'}\n"
        f"Connect the box to the network, or bring the files: `doorwardd models pull {asked} --from FOLDER`",
        metadata={"pack": pack, "tried": " | ".join(tried)},
    )
