"""What the local commands are given by the process they run in."""

from dataclasses import dataclass, field
from pathlib import Path

from doorward_daemon.gallery import GallerySettings
from doorward_daemon.inference import InferenceSettings
from doorward_daemon.recognition.opening import JudgingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """Where the box is and how it is set; the commands judge as the daemon with the same settings would."""

    home: Path
    """Home folder: data, packs, run, log, cache."""
    assets: Path | None = None
    """Development pictures and weights; None where the folder is not there."""
    pack: str = ""
    """Pack named by the configuration; empty = the active one."""
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    """Where and how models run."""
    judging: JudgingSettings = field(default_factory=JudgingSettings)
    """Everything between a picture and an answer."""
    gallery: GallerySettings = field(default_factory=GallerySettings)
    """How references are kept."""
