"""How much was searched."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GallerySize:
    """The size of a gallery as far as it is searched."""

    subjects: int
    """Subjects compared."""
    references: int
    """Their references; each is a chance of a false match."""
