"""The model packs of this box: what the catalogue knows, what is installed, and how one comes here.

Nothing heavy is imported by opening a pack; `doorward_daemon.packs.pull` is what a box needs to get one.
"""

from doorward_daemon.packs.manifest import (
    Alignment,
    Calibration,
    ChannelOrder,
    InputLayout,
    InstalledPack,
    ModelEntry,
    ModelRole,
    PackManifest,
    Polarity,
    QualityOutput,
)
from doorward_daemon.packs.store import PackStore

__all__ = [
    "Alignment",
    "Calibration",
    "ChannelOrder",
    "InputLayout",
    "InstalledPack",
    "ModelEntry",
    "ModelRole",
    "PackManifest",
    "Polarity",
    "QualityOutput",
    "PackStore",
]
