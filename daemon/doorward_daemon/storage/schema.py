"""What makes a database file one of ours: its name, its mark in the header, its numbered migrations."""

from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema of one kind of database file."""

    application_id: int
    """Written into the header of every such file, so that another program's is never touched."""
    package: str
    """Import package whose folder `migrations` holds the numbered SQL scripts."""
    name: str
    """What people call it, as in the configuration, e.g. `gallery`."""
    restore: str = "restore it from a backup, or start without it"
    """What to do with a damaged file, once the daemon is stopped and the file is moved away."""

    def scripts(self) -> tuple[str, ...]:
        """The SQL scripts of this version in order; number one makes an empty file one of this kind."""
        folder = files(self.package) / "migrations"
        found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda file: file.name)
        return tuple(script.read_text(encoding="utf-8") for script in found)
