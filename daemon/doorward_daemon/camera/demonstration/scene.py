"""The scenes of the demonstration: who turns up, what is wrong at first, and what must come of it."""

from dataclasses import dataclass

from doorward_daemon.camera.demonstration.figure import Figure
from doorward_daemon.model.decision import Outcome

FRAMES_PER_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of a scene; sizes and positions run evenly from begin to end."""

    duration_s: float
    """How long it lasts, seconds."""
    size: tuple[float, float]
    """Height of the figure over the height of the frame, at its begin and its end."""
    centre_x: tuple[float, float] = (0.5, 0.5)
    """Middle of the figure over the width of the frame, at its begin and its end."""
    blur_px: int = 0
    """Length of the motion blur, pixels."""
    brightness: float = 1.0
    """Factor on the light."""
    covered: float = 0.0
    """Share of the face's height that a hand covers, from the chin up."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One visit at the gate."""

    name: str
    """For screens and tests."""
    figure: Figure
    """Who or what turns up."""
    phases: tuple[Phase, ...]
    """What happens, in order."""
    outcome: Outcome | None
    """What the gate must say; None where there is no face to say anything about."""

    @property
    def frames(self) -> int:
        """How many frames it lasts."""
        return sum(round(phase.duration_s * FRAMES_PER_S) for phase in self.phases)


SCENES = (
    Scene("nobody", Figure.NOBODY, (Phase(duration_s=1.0, size=(1.0, 1.0)),), None),
    Scene(
        "the astronaut walks up",
        Figure.ASTRONAUT,
        (
            Phase(duration_s=1.2, size=(0.24, 0.29), centre_x=(0.3, 0.4)),
            Phase(duration_s=0.8, size=(0.9, 0.95), centre_x=(0.4, 0.5), blur_px=25),
            Phase(duration_s=0.8, size=(0.95, 0.97), brightness=0.07),
            Phase(duration_s=0.8, size=(0.97, 0.98), covered=0.78),
            Phase(duration_s=2.0, size=(0.98, 1.0)),
        ),
        Outcome.MATCHED,
    ),
    Scene("a cat", Figure.CAT, (Phase(duration_s=1.5, size=(0.6, 0.6), centre_x=(0.1, 0.9)),), None),
    Scene("the cameraman", Figure.CAMERAMAN, (Phase(duration_s=2.5, size=(0.95, 1.0)),), Outcome.UNKNOWN),
    Scene(
        "the astronaut runs past",
        Figure.ASTRONAUT,
        (Phase(duration_s=1.5, size=(0.9, 0.9), centre_x=(0.3, 0.7), blur_px=31),),
        Outcome.LOW_QUALITY,
    ),
    Scene("a cup of coffee", Figure.COFFEE, (Phase(duration_s=1.5, size=(0.5, 0.6)),), None),
)
"""One round of the demonstration; after the last comes the first."""


def scene_at(frame: int) -> tuple[Scene, Phase, float]:
    """Where the endless round stands.

    Args:
        frame: 0 for the first frame.

    Returns:
        The scene, its phase, and how far that phase has come, 0..1.
    """
    left = frame % sum(scene.frames for scene in SCENES)
    for scene in SCENES:
        for phase in scene.phases:
            frames = round(phase.duration_s * FRAMES_PER_S)
            if left < frames:
                return scene, phase, left / max(1, frames - 1)
            left -= frames
    raise AssertionError("the scenes do not add up")
