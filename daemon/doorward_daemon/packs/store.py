"""The packs on this box: content-addressed, checked at every open, replaced in one step.

<root>/active                    name of the pack this box runs
<root>/objects/<sha256>          every file, named by its content
<root>/partial/<sha256>.part     downloads under way, resumed by the next pull
<root>/<pack>/current            sha256 of the pack.toml in use
<root>/<pack>/<sha256>/          pack.toml and the model files it names, linked to objects
"""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason, FieldProblem, InvalidInput
from doorward_daemon.packs.calibration_record import check_unquantised
from doorward_daemon.packs.durable import storage_errors, write_durably
from doorward_daemon.packs.file_identity import identify_file
from doorward_daemon.packs.manifest import InstalledPack, ModelEntry, PackManifest
from doorward_daemon.packs.manifest_file import FILE_NAME, read_manifest
from doorward_daemon.packs.remedy import way_to

CURRENT = "current"
_ACTIVE = "active"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class PackStore:
    """Opens the packs below a folder; writing is the business of `pull_pack`.

    Args:
        root: <home>/packs; need not exist.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def installed(self) -> tuple[str, ...]:
        """Names of the packs on this box, sorted; whether they are intact shows when they are opened."""
        return tuple(sorted(path.parent.name for path in self.root.glob(f"*/{CURRENT}")))

    def active(self) -> str | None:
        """Name of the pack this box runs, as written down when its first pack came; None before that."""
        with storage_errors(self.root):
            try:
                return (self.root / _ACTIVE).read_text(encoding="utf-8").strip() or None
            except FileNotFoundError:
                return None

    def set_active(self, name: str) -> None:
        """Writes down which pack this box runs.

        Raises:
            Overloaded, Conflict, Fault: the store cannot be written.
        """
        with storage_errors(self.root):
            write_durably(self.root / _ACTIVE, f"{name}\n".encode())

    def open(self, name: str) -> InstalledPack:
        """Checks every file of a pack against its hash.

        Args:
            name: of the pack.

        Raises:
            InvalidInput: FIELD_INVALID, no pack can have that name.
            Conflict: PACK_MISSING, the pack or one of its files is not there.
            Conflict: PACK_DAMAGED, a file is not what was installed; the metadata has file, expected and found.
            Conflict, Fault: DATA_FOLDER_UNUSABLE or STORAGE_FAILED, the store cannot be read.
        """
        if not _NAME.fullmatch(name):
            problem = f"{name!r} is no name of a pack; expected lower-case letters, digits, - and _"
            raise InvalidInput(ErrorReason.FIELD_INVALID, problem, problems=[FieldProblem("pack.name", problem)])
        with storage_errors(self.root):
            folder = self._current_folder(name)
            pack = InstalledPack(manifest=_checked_manifest(name, folder), folder=folder)
            for model in pack.manifest.models:
                _check_model(pack, model)
        return pack

    def _current_folder(self, name: str) -> Path:
        pointer = self.root / name / CURRENT
        try:
            return self.root / name / pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise Conflict(
                ErrorReason.PACK_MISSING,
                f"pack {name} is not on this box ({pointer} is missing); {way_to(name)}",
                metadata={"pack": name, "file": str(pointer)},
            ) from None


def _checked_manifest(name: str, folder: Path) -> PackManifest:
    path = folder / FILE_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise Conflict(
            ErrorReason.PACK_MISSING,
            f"pack {name}: {path} is missing; {way_to(name)}",
            metadata={"pack": name, "file": str(path)},
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != folder.name:
        raise _damaged(name, path, folder.name, found)
    return read_manifest(content, str(path))


def _check_model(pack: InstalledPack, model: ModelEntry) -> None:
    path = pack.path_of(model)
    found = identify_file(path).sha256
    if found != model.sha256:
        raise _damaged(pack.manifest.name, path, model.sha256, found)
    check_unquantised(pack.manifest.name, path)
    for variant in model.variants:
        path = pack.path_of(replace(model, file=variant.file))
        found = identify_file(path).sha256
        if found != variant.sha256:
            raise _damaged(pack.manifest.name, path, variant.sha256, found)


def _damaged(name: str, path: Path, expected: str, found: str) -> Conflict:
    return Conflict(
        ErrorReason.PACK_DAMAGED,
        f"pack {name}: {path} is not what was installed: expected sha256 {expected}, found {found}; {way_to(name)}",
        metadata={"pack": name, "file": str(path), "expected": expected, "found": found},
    )
