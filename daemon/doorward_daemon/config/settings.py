"""The whole configuration: the settings of the rooms, composed and not repeated."""

from dataclasses import dataclass, field

from doorward_daemon.camera import CameraSettings
from doorward_daemon.config.door import ConfiguredDoor
from doorward_daemon.config.ledger_settings import DaemonSettings, LedgerSettings
from doorward_daemon.enrolment import EnrolmentSettings
from doorward_daemon.entry import DecisionMemorySettings
from doorward_daemon.gallery import GallerySettings
from doorward_daemon.gate_loop import GateLoopSettings
from doorward_daemon.http import HttpSettings
from doorward_daemon.identity import OpenSetSettings
from doorward_daemon.inference import InferenceSettings
from doorward_daemon.journal import JournalSettings
from doorward_daemon.recognition.gate import GateSettings
from doorward_daemon.recognition.settings import RecognitionSettings
from doorward_daemon.rpc import RpcSettings
from doorward_daemon.telemetry.log import LogSettings
from doorward_daemon.uplink import UplinkSettings
from doorward_daemon.vision.detection import DetectionSettings
from doorward_daemon.vision.liveness import LivenessSettings
from doorward_daemon.vision.picture import PictureSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSettings:
    """Which pack the daemon runs."""

    name: str = ""
    """Name of an installed pack; empty takes the one that was installed first and written down as active."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator can set; one section of the file per field."""

    daemon: DaemonSettings = field(default_factory=DaemonSettings)
    """What the daemon is for."""
    pack: PackSettings = field(default_factory=PackSettings)
    """Which models run."""
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    """Where and how they run."""
    picture: PictureSettings = field(default_factory=PictureSettings)
    """Limits of still pictures."""
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    """How faces are looked for."""
    gate: GateSettings = field(default_factory=GateSettings)
    """When a face is worth judging."""
    liveness: LivenessSettings = field(default_factory=LivenessSettings)
    """When a face is a living person's."""
    recognition: RecognitionSettings = field(default_factory=RecognitionSettings)
    """What is asked before a subject is named."""
    open_set: OpenSetSettings = field(default_factory=OpenSetSettings)
    """When a subject is named."""
    gallery: GallerySettings = field(default_factory=GallerySettings)
    """How references are kept."""
    enrolment: EnrolmentSettings = field(default_factory=EnrolmentSettings)
    """What may be enrolled."""
    decision_memory: DecisionMemorySettings = field(default_factory=DecisionMemorySettings)
    """How long the face of a decision is remembered, so that an operator can say who it was not."""
    rpc: RpcSettings = field(default_factory=RpcSettings)
    """How clients are served."""
    doors: tuple[ConfiguredDoor, ...] = ()
    """The doors; `[[doors]]` once for each."""
    cameras: tuple[CameraSettings, ...] = ()
    """The cameras; `[[cameras]]` once for each. A daemon without any starts and serves."""
    gate_loop: GateLoopSettings = field(default_factory=GateLoopSettings)
    """How faces are followed and evidence is gathered."""
    journal: JournalSettings = field(default_factory=JournalSettings)
    """How the record is kept."""
    uplink: UplinkSettings = field(default_factory=UplinkSettings)
    """Where the centre is; without one everything stays on this box."""
    http: HttpSettings = field(default_factory=HttpSettings)
    """Health and metrics on loopback."""
    log: LogSettings = field(default_factory=LogSettings)
    """Where and how much is logged."""

    @property
    def ledger(self) -> LedgerSettings:
        """The part that a daemon which only keeps the record needs."""
        return LedgerSettings(
            doors=self.doors, journal=self.journal, uplink=self.uplink, rpc=self.rpc, http=self.http, log=self.log
        )
