"""Where a pull may take upstream files from."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSources:
    """Where upstream files may come from, beside their own addresses; tried in this order."""

    folder: Path | None = None
    """A folder given by a person, e.g. a memory stick: upstream files or a copy of a pack store. None = none."""
    assets: Path | None = None
    """The development files; weights lie in its folder models. None = none."""
    offline: bool = False
    """Whether the network is left alone."""
    mirror_timeout_s: float = 5.0
    """How long a mirror may say nothing."""

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders to look into."""
        models = self.assets / "models" if self.assets else None
        return tuple(folder for folder in (self.folder, models) if folder)
