"""Configuration and commands on their way down to one device: the centre's end."""

from dataclasses import replace

from doorward_sync.batch_run import ProtocolError
from doorward_sync.centre_storage import (
    CommandMarked,
    MarkCommandSent,
    PendingCommand,
    StoreCommandResult,
    StoreConfigResult,
)
from doorward_sync.down_messages import CommandOrder, CommandResult, ConfigDocument, ConfigOffer, ConfigResult
from doorward_sync.outputs import Alarm, AlarmKind, Send

DownOutput = Send[ConfigOffer | CommandOrder] | MarkCommandSent | StoreConfigResult | StoreCommandResult | Alarm


class CentreDown:
    """What a device has of its configuration, and which commands wait for it.

    Args:
        session_id: of the session.
        device_id: of the device.
        has: revision and digest of the configuration the device has.
    """

    __slots__ = ("_commands", "_device_id", "_has", "_offered", "_session_id", "_waits_for", "_wanted", "sent_s")

    def __init__(self, session_id: str, device_id: str, has: tuple[int, bytes]) -> None:
        self.sent_s: float | None = None
        """When the configuration under way was sent."""
        self._session_id = session_id
        self._device_id = device_id
        self._has = has
        self._wanted: ConfigDocument | None = None
        self._offered = 0
        self._waits_for = 0
        self._commands: dict[str, PendingCommand] = {}

    def wants(self, document: ConfigDocument | None) -> None:
        """The configuration the device is to have; None where the centre holds none."""
        if document is not None and (self._wanted is None or document.revision > self._wanted.revision):
            self._wanted = document

    def commanded(self, pending: PendingCommand, now_us: int) -> list[DownOutput]:
        """A command waits. It is marked as sent on disk before it is sent: a restored centre asks what became of it.

        Args:
            pending: the command.
            now_us: the centre's clock; a command that expired unsent is not sent at all.
        """
        command_id = pending.command.command_id
        if command_id in self._commands or (pending.expire_time_us <= now_us and not pending.was_sent):
            return []
        self._commands[command_id] = pending
        return [MarkCommandSent(command_id=command_id)]

    def marked(self, marked: CommandMarked, now_us: int) -> list[DownOutput]:
        """The mark is on disk: sends the command."""
        pending = self._commands.get(marked.command_id)
        if pending is None:
            return []
        left_ms = max(0, pending.expire_time_us - now_us) // 1000
        order = CommandOrder(
            session_id=self._session_id,
            command=pending.command,
            expire_time_us=pending.expire_time_us,
            valid_for_ms=left_ms,
        )
        self._commands[marked.command_id] = replace(pending, was_sent=True)
        return [Send(order)]

    def pump(self, now_s: float) -> list[DownOutput]:
        """Offers the configuration, where the device has another one and none is under way."""
        wanted = self._wanted
        if wanted is None or self.sent_s is not None or wanted.revision <= self._offered:
            return []
        if self._has == (wanted.revision, wanted.digest):
            return []
        self.sent_s = now_s
        self._offered = self._waits_for = wanted.revision
        return [Send(ConfigOffer(session_id=self._session_id, document=wanted))]

    def configured(self, result: ConfigResult) -> list[DownOutput]:
        """The device has answered; a refusal is not asked about again before the next revision, or the next session.

        Raises:
            ProtocolError: it answers what was never offered.
        """
        if result.offered_revision > self._offered:
            raise ProtocolError(f"answers configuration {result.offered_revision}; {self._offered} was offered")
        if self.sent_s is None or result.offered_revision != self._waits_for:
            return []
        self.sent_s = None
        self._has = (result.revision, result.digest)
        noted = StoreConfigResult(device_id=self._device_id, result=result)
        if not result.problem:
            return [noted]
        detail = f"{self._device_id} refuses configuration {result.offered_revision}: {result.problem}"
        return [noted, Alarm(kind=AlarmKind.CONFIG_REFUSED, detail=detail)]

    def answered(self, result: CommandResult) -> list[DownOutput]:
        """The device says what became of a command; again changes nothing.

        Raises:
            ProtocolError: it was never sent in this session.
        """
        pending = self._commands.get(result.command_id)
        if pending is None or not pending.was_sent:
            raise ProtocolError(f"answers command {result.command_id[:64]!r}, which was not sent")
        return [StoreCommandResult(device_id=self._device_id, result=result)]
