"""Carries out what the session asks of journal and gallery, in order, on a thread that may wait for the disk."""

import logging

from doorward_daemon.uplink.down_ports import AbsentCommands, AbsentConfig, CommandPort, ConfigPort
from doorward_daemon.uplink.outbox_lane import status_of
from doorward_daemon.uplink.ports import GalleryPort, OutboxPort
from doorward_sync.device_io import DeviceStorageCommand, DeviceStorageResult, DownStored
from doorward_sync.device_storage import (
    Acknowledge,
    AcknowledgeLocal,
    ApplyConfig,
    ApplyDelta,
    CarryOut,
    ChunkStaged,
    CommandCarriedOut,
    ConfigApplied,
    DeltaApplied,
    EpochOpened,
    EventsRead,
    LaneRewound,
    LocalChangesRead,
    NoteAnchor,
    OpenEpoch,
    Quarantine,
    Quarantined,
    ReadEvents,
    ReadLocalChanges,
    RecordHole,
    RewindTo,
    StageChunk,
)

_LOG = logging.getLogger(__name__)


class UplinkStorage:
    """Journal and gallery behind the session's commands.

    Args:
        outbox: the journal.
        gallery: the gallery.
        config: the configuration.
        commands: what the device can be told.
    """

    def __init__(
        self,
        outbox: OutboxPort,
        gallery: GalleryPort,
        config: ConfigPort | None = None,
        commands: CommandPort | None = None,
    ) -> None:
        self._config = config or AbsentConfig()
        self._commands = commands or AbsentCommands()
        self._outbox = outbox
        self._gallery = gallery

    def carry_out(self, command: DeviceStorageCommand) -> DeviceStorageResult | None:
        """Does it; blocks on the disk.

        Returns:
            The answer, None where the command has none.

        Raises:
            DoorwardError: journal or gallery refuse or fail.
        """
        match command:
            case ReadEvents():
                events = tuple(self._outbox.read(command.lane, command.after_seq, command.limit))
                aside = self._outbox.quarantined(command.lane)
                return EventsRead(lane=command.lane, after_seq=command.after_seq, events=events, quarantined=aside)
            case ApplyDelta() | StageChunk() | ApplyConfig() | CarryOut():
                return self._take(command)
            case ReadLocalChanges():
                subjects = self._gallery.local_changes(command.after_change, command.limit)
                return LocalChangesRead(after_change=command.after_change, subjects=subjects)
            case RewindTo():
                self._outbox.rewind_to(command.lane, command.through_seq)
                return LaneRewound(status=status_of(command.lane, self._outbox.lane_state(command.lane)))
            case Quarantine():
                self._outbox.quarantine(command.lane, command.seq, command.reason)
                return Quarantined(lane=command.lane)
            case OpenEpoch():
                self._outbox.open_epoch()
                return EpochOpened()
            case _:
                self._note(command)
                return None

    def _take(self, command: ApplyDelta | StageChunk | ApplyConfig | CarryOut) -> DownStored:
        match command:
            case ApplyDelta():
                return DeltaApplied(self._gallery.apply(command.delta))
            case StageChunk():
                return ChunkStaged(self._gallery.take_chunk(command.chunk))
            case ApplyConfig():
                return ConfigApplied(self._config.apply(command.document))
            case CarryOut():
                return CommandCarriedOut(self._commands.carry_out(command.command, command.deadline_boottime_ns))

    def _note(self, command: Acknowledge | AcknowledgeLocal | RecordHole | NoteAnchor) -> None:
        match command:
            case Acknowledge():
                self._outbox.acknowledge(command.lane, command.through_seq)
            case NoteAnchor():
                self._outbox.note_anchor(command.anchor)
            case AcknowledgeLocal():
                self._gallery.acknowledge_changes(command.through_change)
            case RecordHole():
                # The journal has declared it itself, in the transaction that made it.
                hole = command.hole
                _LOG.warning("%s: %s..%s are sent as a hole", command.lane.name, hole.from_seq, hole.to_seq)
