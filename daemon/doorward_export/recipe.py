"""What is done to photographs in training: kinds, how often, and what the score of the outcome ought to be."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.vision.degradation import DegradationKind
from doorward_daemon.vision.degradation.turn import MAX_YAW_DEG
from doorward_export import clutter, covers, warps

Pixels = NDArray[np.uint8]
Maker = Callable[[Pixels, Face, float, np.random.Generator], Pixels]

UNSEEN_KINDS = (
    DegradationKind.RECAPTURE,
    DegradationKind.ELASTIC,
    DegradationKind.HAZE,
    DegradationKind.NEGATIVE,
    DegradationKind.SIDE_SHADOW,
)
"""Kinds of the evaluation suite that no head is trained on."""

SEEN_KINDS = tuple(kind for kind in DegradationKind if kind not in UNSEEN_KINDS)
"""Kinds of the evaluation suite that heads are trained on."""

MASK_CAP, DRAWING_CAP = 0.2, 0.15
"""What a masked face and a drawing are worth at most: well below 0.4, whatever the embedding keeps."""
TURNS_DEG = (20.0, 35.0, 45.0, 60.0, 75.0)
"""Turns of the head at which the recipe of a pack says what it is worth."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of treating a photo."""

    name: str
    """Kind of the evaluation suite in lower case, or a name of our own."""
    weight: float
    """How often, against the others."""
    mask_from: float = 2.0
    """Strength from which it counts as a mask; above 1 = never."""
    cover_from: float = 2.0
    """Strength from which it counts as another cover."""
    least: float = 0.0
    """Strengths are drawn from here to 1."""
    maker: Maker | None = None
    """Our own maker; None = a kind of the evaluation suite."""


WAYS = (
    Way("everyday", 3.5),
    Way("defocus", 1.0),
    Way("motion_blur", 1.2),
    Way("low_light", 0.9),
    Way("over_exposure", 0.9),
    Way("noise", 0.9),
    Way("low_resolution", 1.2),
    Way("compression", 0.9),
    Way("occlusion", 0.9, cover_from=0.5),
    Way("mask", 0.5, mask_from=0.35),
    Way("profile", 1.0),
    Way("drawing", 1.0),
    Way("misalignment", 1.5),
    Way("rounded_mask", 0.6, mask_from=0.3, maker=covers.rounded_mask),
    Way("scarf", 0.4, cover_from=0.4, maker=covers.scarf),
    Way("sunglasses", 0.6, cover_from=0.3, maker=covers.sunglasses),
    Way("hand", 0.6, cover_from=0.7, maker=covers.hand),
    Way("patch", 0.8, cover_from=0.4, maker=covers.patch),
    Way("bulge", 1.0, maker=warps.bulge),
    Way("stretch", 0.7, maker=warps.stretch),
)
"""Ways of the first round; those with a maker are drawn differently from anything the evaluation draws."""

MORE_WAYS = (
    Way("everyday", 0.6),
    Way("profile", 1.6, least=0.4),
    Way("pull", 2.2, maker=warps.pull),
    Way("streaks", 0.7, maker=clutter.streaks),
    Way("specks", 0.4, maker=clutter.specks),
    Way("few_shades", 0.6, maker=clutter.few_shades),
)
"""Ways of the second round: what the first one lacks."""


def cap_of(way: Way, strength: float) -> float:
    """What the outcome is worth at most, whatever the embedding keeps.

    Args:
        way: of treating it.
        strength: 0..1.
    """
    if strength >= way.mask_from:
        return MASK_CAP
    if way.name == "drawing":
        return float(np.interp(strength, (0.15, 0.5), (1.0, DRAWING_CAP)))
    return 1.0


def turn_of(way: Way, strength: float) -> float:
    """How far a way turns the head, degrees."""
    return MAX_YAW_DEG * strength if way.name == "profile" else 0.0


def soft_target(cosine: NDArray[np.float64], lost: float, kept: float) -> NDArray[np.float64]:
    """How far the identity is kept: a steep step between the cosines at which it is lost and kept.

    Args:
        cosine: of the treated photo's embedding to the clean one's.
        lost: cosine of two people.
        kept: cosine of one.
    """
    width = 0.4 * (kept - lost)
    return np.asarray(1.0 / (1.0 + np.exp(-(cosine - (lost + kept) / 2) / width)), np.float64)
