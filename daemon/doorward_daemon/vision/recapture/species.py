"""The attack instruments that are simulated, and which of the many ways."""

from dataclasses import dataclass
from enum import StrEnum


class RecaptureSpecies(StrEnum):
    """Species of attack instruments (ISO/IEC 30107-3: a class of instruments made the same way)."""

    PHOTO_PAPER = "PHOTO_PAPER"
    """A glossy photo, continuous tones, white rim, held by hand."""
    PRINT_FLAT = "PRINT_FLAT"
    """A page from a colour printer: dots of four inks on paper, held flat."""
    PRINT_BENT = "PRINT_BENT"
    """The same page, bent around an upright axis as around a head."""
    PHONE = "PHONE"
    """A phone held by hand: pixels in red, green and blue stripes, dark rim, glare."""
    SCREEN_CLOSE = "SCREEN_CLOSE"
    """A tablet or monitor so near that its rim is outside the picture."""
    PHONE_BEFORE_PERSON = "PHONE_BEFORE_PERSON"
    """Somebody in view holds up a phone with another face."""


@dataclass(frozen=True, slots=True)
class Recapture:
    """One attack; the same value on the same picture always gives the same pixels."""

    species: RecaptureSpecies
    """The instrument."""
    seed: int = 0
    """Which of the many ways: size, tilt, pitch of dots and pixels, glare, the camera's noise."""

    def __post_init__(self) -> None:
        """Raises ValueError on a negative seed."""
        if self.seed < 0:
            raise ValueError(f"recapture: expected seed >= 0, found {self.seed}")
