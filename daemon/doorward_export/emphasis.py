"""What the head of a pack has to be told louder than that of another: weights and caps in training."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.recognition.gate.learned_score import YAW_CAPS
from doorward_export.recipe import MASK_CAP, TURNS_DEG
from doorward_export.samples import Samples

_TURNED_DEG = (20.0, 45.0)
_BENT = {"bulge": 2.5, "pull": 2.5, "stretch": 2.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Emphasis:
    """Chosen on the part `choose`, per pack."""

    kinds: Mapping[str, float]
    """Weight of some kinds; 1 for all others."""
    masked: float
    """Weight of faces that wear a mask: they are to score low whatever the embedding keeps."""
    turned: float
    """Weight of heads turned by 45 degrees or more, falling to 1 at 20: real photos of them are few."""
    turn_caps: tuple[float, ...]
    """What a head that was turned by us is worth at most at each of TURNS_DEG."""
    mask_cap: float = MASK_CAP
    """What a masked face is worth at most."""

    def weights_of(self, samples: Samples) -> NDArray[np.float32]:
        """(N,) how much each sample counts."""
        kinds = np.array([self.kinds.get(kind, 1.0) for kind in samples.kind])
        masked = np.where(samples.mask == 1.0, self.masked, 1.0)
        turned = np.interp(samples.turn_deg, _TURNED_DEG, (1.0, self.turned))
        return np.asarray(kinds * masked * turned, np.float32)

    def caps_of(self, samples: Samples) -> NDArray[np.float64]:
        """(N,) what each sample is worth at most, whatever the embedding keeps."""
        masked = np.where(samples.mask == 1.0, self.mask_cap, 1.0)
        own_deg = samples.own_turn_deg()
        by_us = np.where(samples.turn_deg > own_deg, np.interp(samples.turn_deg, TURNS_DEG, self.turn_caps), 1.0)
        # A head that is turned in the photo itself has the landmarks of one: the gate measures and caps it so.
        turned = np.minimum(by_us, np.interp(own_deg, *YAW_CAPS))
        return np.asarray(np.minimum(np.minimum(samples.cap, masked), turned), np.float64)


EMPHASIS: Mapping[str, Emphasis] = MappingProxyType(
    {
        # Faces that are bent are sharp, and somebody else's: the hardest to tell. What moved sideways looks good to the
        # maps of this embedder while its vector is anybody's.
        "compact": Emphasis(
            kinds=MappingProxyType(_BENT | {"motion_blur": 6.0}),
            masked=2.0,
            turned=2.0,
            turn_caps=(1.0, 0.8, 0.5, 0.3, 0.1),
        ),
        "starter": Emphasis(
            kinds=MappingProxyType(_BENT),
            masked=2.0,
            turned=2.0,
            turn_caps=(1.0, 0.8, 0.5, 0.3, 0.1),
            mask_cap=0.1,
        ),
    }
)
"""By name of the pack."""
