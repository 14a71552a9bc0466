"""Why a door opens or stays shut."""

from enum import StrEnum


class AccessReason(StrEnum):
    """The reason of an access decision; stable, recorded in events."""

    IDENTIFIED = "IDENTIFIED"
    """Granted: an enrolled subject, as the door's policy asks."""
    OPERATOR = "OPERATOR"
    """Granted: somebody with the role asked for it."""
    UNKNOWN_PERSON = "UNKNOWN_PERSON"
    """Denied: no enrolled subject is near enough."""
    AMBIGUOUS = "AMBIGUOUS"
    """Denied: two subjects are too near to each other."""
    LOW_QUALITY = "LOW_QUALITY"
    """Denied: the face was not worth comparing."""
    SPOOF = "SPOOF"
    """Denied: a presentation attack."""
    LIVENESS_NOT_SHOWN = "LIVENESS_NOT_SHOWN"
    """Denied: the door asks for a living person, and that was not shown."""
    NO_FACE = "NO_FACE"
    """Denied: there was no face."""
    MULTIPLE_FACES = "MULTIPLE_FACES"
    """Denied: the door lets one person in at a time."""
    STALE = "STALE"
    """Denied: the decision came after its deadline."""
    LEASE_ENDED = "LEASE_ENDED"
    """Denied: the centre has been silent for so long that the gallery is no longer believed."""
