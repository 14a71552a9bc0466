"""What a device remembers of its streams while the process lives: what broke them, and what the line carries."""

from dataclasses import dataclass, field

from doorward_sync.hints import HintBook
from doorward_sync.limits import UplinkLimits
from doorward_sync.pace import SendingPace
from doorward_sync.poison import PoisonWatch


@dataclass(frozen=True, slots=True)
class StreamMemory:
    """Handed from one session to the next. One per uplink, changed by its sessions."""

    poison: PoisonWatch = field(default_factory=PoisonWatch)
    """Events that streams died of."""
    hints: HintBook = field(default_factory=HintBook)
    """Alarms that wait in the queue."""
    pace: SendingPace = field(default_factory=lambda: SendingPace(UplinkLimits().batch_bytes))
    """What the line carries at once."""
