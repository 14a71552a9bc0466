"""The part of the configuration that came from the centre: the file it lies in, and what of it counts."""

import hashlib
import json
import logging
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.storage.durable import sync_folder
from doorward_sync.config_keys import foreign_keys
from doorward_sync.down_messages import ConfigDocument

_LOG = logging.getLogger(__name__)
FILE = Path("data", "centre-config.json")
"""Below the home folder."""
MOST_TRIES = 2
"""Starts with a new configuration that may end before they settled; then the one before is back."""


NOTHING = ConfigDocument(revision=0, text="")
"""What there is before the centre gave anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreRecord:
    """What is kept of the centre's configuration."""

    held: ConfigDocument = NOTHING
    """The one the device has; it was valid when it came."""
    before: ConfigDocument = NOTHING
    """The last one a start has settled with."""
    tries: int = 0
    """Starts with `held` that have not settled."""
    proven: bool = True
    """Whether a start has settled with `held`."""
    refused: ConfigDocument | None = None
    """The last one that was refused."""
    problem: str = ""
    """Why."""
    untold: tuple[str, Mapping[str, Any]] | None = None
    """Kind and payload of an event that is not in the journal yet."""

    @property
    def in_force(self) -> ConfigDocument:
        """What the next start goes with."""
        return self.held if self.proven or self.tries < MOST_TRIES else self.before

    def started(self) -> "CentreRecord":
        """With one more start noted; without what starts did not settle with."""
        if self.proven:
            return self
        if self.tries < MOST_TRIES:
            return replace(self, tries=self.tries + 1)
        return self.reverted(f"the daemon did not stay up with it in {MOST_TRIES} starts")

    def reverted(self, problem: str) -> "CentreRecord":
        """Back at the one before."""
        told = {"revision": self.held.revision, "kept_revision": self.before.revision, "problem": problem}
        return CentreRecord(
            held=self.before,
            before=self.before,
            refused=self.held,
            problem=problem,
            untold=("config.reverted", told),
        )


def read_record(home: Path) -> CentreRecord:
    """What is kept; nothing where the file is not there, or is not what was written: the centre gives it again."""
    try:
        raw = json.loads((home / FILE).read_text(encoding="utf-8"))
        body = raw["record"]
        if hashlib.sha256(_encoded(body)).hexdigest() != raw["sha256"]:
            raise ValueError("its digest is another one")
        return CentreRecord(
            held=_document(body["held"]),
            before=_document(body["before"]),
            tries=int(body["tries"]),
            proven=bool(body["proven"]),
            refused=None if body["refused"] is None else _document(body["refused"]),
            problem=str(body["problem"]),
            untold=None if body["untold"] is None else (str(body["untold"][0]), dict(body["untold"][1])),
        )
    except FileNotFoundError:
        return CentreRecord()
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        _LOG.error(
            "%s cannot be used: %s; the device's own configuration counts until the centre gives it again", FILE, error
        )
        return CentreRecord()


def write_record(home: Path, record: CentreRecord) -> None:
    """Replaces what is kept; it is on disk when this returns, whole, or what was there before is.

    Raises:
        Conflict: DATA_FOLDER_UNUSABLE, it cannot be written.
    """
    body = {
        "held": _plain(record.held),
        "before": _plain(record.before),
        "tries": record.tries,
        "proven": record.proven,
        "refused": None if record.refused is None else _plain(record.refused),
        "problem": record.problem,
        "untold": None if record.untold is None else list(record.untold),
    }
    text = json.dumps({"sha256": hashlib.sha256(_encoded(body)).hexdigest(), "record": body})
    path = home / FILE
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        found = f"{path}: cannot be written: {error.strerror}; free disk space, or give the daemon's user write access"
        raise Conflict(ErrorReason.DATA_FOLDER_UNUSABLE, found, metadata={"file": str(path)}) from error


def layers(home: Path) -> tuple[ConfigDocument, ...]:
    """What is laid over the device's own file: the first that is valid as a whole counts."""
    record = read_record(home)
    candidates = (record.in_force, record.before, NOTHING)
    return tuple(dict.fromkeys(candidates))


def parse_layer(document: ConfigDocument) -> tuple[dict[str, Any], str]:
    """Sections of a configuration from the centre, and what is wrong with it; an empty problem where nothing is."""
    try:
        raw = tomllib.loads(document.text)
    except tomllib.TOMLDecodeError as error:
        return {}, f"it is not TOML: {error}"
    foreign = foreign_keys(raw)
    return ({}, f"{', '.join(foreign)} may not come from the centre") if foreign else (raw, "")


def _plain(document: ConfigDocument) -> dict[str, Any]:
    return {"revision": document.revision, "text": document.text}


def _document(raw: Mapping[str, Any]) -> ConfigDocument:
    return ConfigDocument(revision=int(raw["revision"]), text=str(raw["text"]))


def _encoded(body: object) -> bytes:
    return json.dumps(body, sort_keys=True, ensure_ascii=True).encode()
