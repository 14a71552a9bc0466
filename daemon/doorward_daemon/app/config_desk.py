"""The centre's configuration as the uplink sees it: kept, and on record."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from doorward_daemon.config.centre_keeper import CentreKeeper
from doorward_daemon.errors import DoorwardError, ErrorReason, ExitCode, Fault, exit_code_of
from doorward_daemon.journal import EventDraft, Journal
from doorward_sync.down_messages import ConfigDocument, ConfigResult

_LOG = logging.getLogger(__name__)


class ConfigDesk:
    """A ConfigPort. Thread-safe.

    Args:
        keeper: what the centre configured.
        journal: where it is recorded.
    """

    def __init__(self, keeper: CentreKeeper, journal: Journal) -> None:
        self._keeper = keeper
        self._journal = journal

    def settle(self) -> None:
        """Records what an earlier process did not come to record; a journal that cannot is asked next time."""
        try:
            self._keeper.tell(self._record)
        except DoorwardError as error:
            _LOG.error("a change of the configuration is not on record yet: %s", error.message)

    def mark(self) -> tuple[int, bytes]:
        """As ConfigPort."""
        return self._keeper.mark()

    def apply(self, document: ConfigDocument) -> ConfigResult:
        """As ConfigPort. The level of the log counts at once, everything else from the next start on.

        Raises:
            DoorwardError: it cannot be written, or recorded; the centre offers it again.
        """
        result = self._keeper.apply(document)
        self._keeper.tell(self._record)
        if not result.problem:
            logging.getLogger().setLevel(self._keeper.settings().log.level)
            _LOG.info("configuration %s of the centre; at the next start: %s", result.revision, result.restart_sections)
        return result

    def _record(self, kind: str, payload: dict[str, Any]) -> None:
        # The same revision may be refused now and applied after the device's own file was mended: no op_id.
        self._journal.append(EventDraft(kind, payload))


@contextmanager
def tried(keeper: CentreKeeper) -> Iterator[None]:
    """Notes a start; one that a person would have to mend is mended here where the centre's configuration may be why.

    Raises:
        Fault: CONFIG_INVALID, the configuration before is back, and a supervisor starts the daemon again.
    """
    keeper.begin()
    try:
        yield
    except DoorwardError as error:
        if exit_code_of(error) is not ExitCode.NEEDS_PERSON or not keeper.give_up(error.message):
            raise
        found = (
            f"the new configuration of the centre was taken back, the daemon could not start with it: {error.message}"
        )
        raise Fault(ErrorReason.CONFIG_INVALID, found) from error
    keeper.stopped()
