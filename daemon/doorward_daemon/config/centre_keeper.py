"""Takes configurations of the centre: checked whole, as `check-config` does, kept, and taken back where starts fail."""

import threading
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doorward_daemon.config.centre_layer import CentreRecord, parse_layer, read_record, write_record
from doorward_daemon.config.environment import Environment
from doorward_daemon.config.load import settings_with
from doorward_daemon.errors import InvalidInput
from doorward_sync.down_messages import ConfigDocument, ConfigResult

if TYPE_CHECKING:
    from doorward_daemon.config.settings import Settings

_LIVE = {"log": {"level"}}
"""What counts at once; everything else is frozen in the rooms that were built with it."""
Tell = Callable[[str, dict[str, Any]], None]


class CentreKeeper:
    """What the centre configured, on this disk. Thread-safe.

    Args:
        file: the device's own configuration file; None as for load_settings.
        environment: overrides of the environment; its home is where the record lies.
        running: the settings this process runs with.
    """

    def __init__(self, file: Path | None, environment: Environment, running: object) -> None:
        self._file = file
        self._environment = environment
        self._running = running
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Notes a start; takes a configuration back with which two starts did not settle.

        Raises:
            Conflict: DATA_FOLDER_UNUSABLE.
        """
        with self._lock:
            before = self._record
            if (after := before.started()) != before:
                self._write(after)

    def settled(self) -> None:
        """This start has lasted: what it runs with is the last known good one."""
        with self._lock:
            record = self._record
            # What came while it ran has not been started with.
            if not record.proven and record.tries:
                self._write(replace(record, proven=True, before=record.held, tries=0))

    def stopped(self) -> None:
        """This start was ended as it should be, before it could settle: it says nothing against what it ran with."""
        with self._lock:
            record = self._record
            if not record.proven and record.tries:
                self._write(replace(record, tries=record.tries - 1))

    def give_up(self, problem: str) -> bool:
        """This start fails for good: takes back what no start has settled with.

        Returns:
            Whether there was something to take back: another start may go better.
        """
        with self._lock:
            record = self._record
            if record.proven:
                return False
            self._write(record.reverted(problem))
            return True

    def mark(self) -> tuple[int, bytes]:
        """Revision and digest of what the device has; 0 and nothing where it has none."""
        return _mark(self._record.held)

    def apply(self, document: ConfigDocument) -> ConfigResult:
        """Takes a configuration, or keeps what is there and says why.

        Raises:
            Conflict: DATA_FOLDER_UNUSABLE; nothing has changed.
        """
        with self._lock:
            record = self._record
            if document == record.held:
                return _result(document.revision, record, restart=self._changed(document))
            if document == record.refused:
                return _result(document.revision, record, problem=record.problem)
            problem = self._problem_of(document)
            if problem:
                told = {"revision": document.revision, "kept_revision": record.held.revision, "problem": problem}
                after = replace(record, refused=document, problem=problem, untold=("config.refused", told))
                self._write(after)
                return _result(document.revision, after, problem=problem)
            restart = self._changed(document)
            after = CentreRecord(
                held=document,
                before=record.held if record.proven else record.before,
                proven=not restart,
                untold=(
                    "config.applied",
                    {
                        "revision": document.revision,
                        "digest": document.digest.hex(),
                        "restart_sections": list(restart),
                    },
                ),
            )
            self._write(after)
            return _result(document.revision, after, restart=restart)

    def tell(self, tell: Tell) -> None:
        """Hands over what happened and is in no journal yet; again after a crash, the same.

        Args:
            tell: records an event of a kind with a payload; raises where it cannot.
        """
        with self._lock:
            record = self._record
            if record.untold is None:
                return
            kind, payload = record.untold
            tell(kind, dict(payload))
            self._write(replace(record, untold=None))

    def settings(self) -> "Settings":
        """The settings as they are with what is held."""
        return settings_with(self._file, self._environment, self._record.held)

    @property
    def _record(self) -> CentreRecord:
        return read_record(self._environment.home)

    def _write(self, record: CentreRecord) -> None:
        write_record(self._environment.home, record)

    def _problem_of(self, document: ConfigDocument) -> str:
        _, problem = parse_layer(document)
        if problem:
            return problem
        try:
            settings_with(self._file, self._environment, document)
        except InvalidInput as error:
            return error.message
        return ""

    def _changed(self, document: ConfigDocument) -> tuple[str, ...]:
        """Sections that this process runs with other values of, and cannot change."""
        wanted = settings_with(self._file, self._environment, document)
        changed = []
        for section in (field.name for field in fields(self._running)):  # type: ignore[arg-type] # any dataclass
            now, then = getattr(self._running, section), getattr(wanted, section)
            if now != then and not _is_live(section, now, then):
                changed.append(section)
        return tuple(changed)


def _is_live(section: str, now: Any, then: Any) -> bool:  # noqa: ANN401 - settings of any room
    return section in _LIVE and all(
        getattr(now, key.name) == getattr(then, key.name) for key in fields(now) if key.name not in _LIVE[section]
    )


def _mark(document: ConfigDocument) -> tuple[int, bytes]:
    return document.revision, document.digest if document.revision else b""


def _result(offered: int, record: CentreRecord, problem: str = "", restart: tuple[str, ...] = ()) -> ConfigResult:
    revision, digest = _mark(record.held)
    return ConfigResult(
        offered_revision=offered, revision=revision, digest=digest, problem=problem, restart_sections=restart
    )
