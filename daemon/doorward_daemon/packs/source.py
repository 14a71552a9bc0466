"""An upstream file a pack is made from, pinned by its hash."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file as its authors publish it: weights, or the archive that holds them."""

    name: str
    """Plain file name."""
    sha256: str
    """Hash of its content, 64 hexadecimal digits; nothing reads the file before this was checked."""
    size_bytes: int
    """Size of its content; more is never read from anywhere."""
    urls: tuple[str, ...] = ()
    """Direct addresses, tried in order."""
    pip: str = ""
    """Requirement `name==version` under which a package index has it; empty = on no index."""
    archive: str = ""
    """Name of the archive that holds it; empty = in none."""
    member: str = ""
    """Its path within that archive."""
