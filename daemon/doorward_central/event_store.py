"""What the centre needs of its store: SQLite when embedded, another engine at other sizes."""

from typing import Protocol

from doorward_api.v1 import centre_pb2, centre_service_pb2, device_command_pb2, device_config_pb2
from doorward_central.group_rows import Changed
from doorward_sync.centre_storage import (
    BatchStored,
    CommandMarked,
    GalleryRead,
    LanesLoaded,
    LocalSubjectsStored,
    MarkCommandSent,
    PendingCommand,
    ReadGallery,
    StoreAnchor,
    StoreBatch,
    StoreCommandResult,
    StoreConfigResult,
    StoreHint,
    StoreLocalSubjects,
)
from doorward_sync.down_messages import ConfigDocument
from doorward_sync.messages import Hello


class EventStore(Protocol):
    """Carries out what is asked in order of asking, and answers after the commit; every failure is a CentreError."""

    async def greet(self, hello: Hello, address: str) -> LanesLoaded:
        """Notes the device and reads what there is of its epoch."""

    async def store_batch(self, command: StoreBatch) -> BatchStored:
        """Stores a batch by the rule of doorward_sync.admission."""

    async def note_anchor(self, command: StoreAnchor) -> None:
        """Notes what is known of a device's clock."""

    async def note_hint(self, command: StoreHint) -> bool:
        """Notes an alarm that runs ahead of its device's queue; whether it is new."""

    async def read_gallery(self, command: ReadGallery) -> GalleryRead:
        """Reads what changed."""

    async def store_local(self, command: StoreLocalSubjects) -> LocalSubjectsStored:
        """Merges what was changed at a device."""

    async def note_gallery(self, device_id: str, revision: int) -> None:
        """Notes which revision of the gallery a device has."""

    async def gallery_revision(self) -> int:
        """Revision of the gallery."""

    async def list_events(
        self, request: centre_service_pb2.ListStoredEventsRequest
    ) -> centre_service_pb2.ListStoredEventsResponse:
        """A page of events."""

    async def list_devices(
        self, request: centre_service_pb2.ListDevicesRequest
    ) -> centre_service_pb2.ListDevicesResponse:
        """A page of devices."""

    async def list_subjects(
        self, request: centre_service_pb2.ListFleetSubjectsRequest
    ) -> centre_service_pb2.ListFleetSubjectsResponse:
        """A page of subjects."""

    async def create_subject(self, request: centre_service_pb2.CreateFleetSubjectRequest) -> centre_pb2.CentreSubject:
        """Creates a subject."""

    async def erase_subject(self, request: centre_service_pb2.EraseFleetSubjectRequest) -> centre_pb2.CentreSubject:
        """Erases a subject; none of its bytes is left in a file when this returns."""

    async def set_config(self, request: centre_service_pb2.SetDeviceConfigRequest) -> ConfigDocument:
        """Holds a configuration for a device."""

    async def show_config(self, device_id: str) -> device_config_pb2.DeviceConfig:
        """The configuration of a device, and how it took it."""

    async def set_group_config(self, request: centre_service_pb2.SetGroupConfigRequest) -> Changed:
        """Holds a configuration for the devices of a group."""

    async def show_group(self, group: str) -> device_config_pb2.GroupConfig:
        """What the devices of a group share."""

    async def set_device_group(self, request: centre_service_pb2.SetDeviceGroupRequest) -> Changed:
        """Puts a device into a group."""

    async def note_config(self, command: StoreConfigResult) -> None:
        """Notes how a device took its configuration."""

    async def give_command(
        self, request: centre_service_pb2.SendCommandRequest
    ) -> tuple[PendingCommand | None, device_command_pb2.StoredCommand]:
        """Stores a command; the first is None where the same request was stored before."""

    async def mark_command(self, command: MarkCommandSent) -> CommandMarked:
        """Notes that a command is about to be sent."""

    async def note_command(self, command: StoreCommandResult) -> None:
        """Notes what became of a command."""

    async def list_commands(
        self, request: centre_service_pb2.ListCommandsRequest
    ) -> centre_service_pb2.ListCommandsResponse:
        """A page of commands, newest first."""
