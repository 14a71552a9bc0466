"""Pixels as networks take them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.packs.manifest import ChannelOrder, InputLayout


def to_blob(crops: Sequence[NDArray[np.uint8]], layout: InputLayout) -> NDArray[np.float32]:
    """Stacks crops into the input of a network: (pixel * scale - mean) / std per channel.

    Args:
        crops: N pictures of one size, (H, W, 3) uint8, blue, green, red.
        layout: what the network was trained on.

    Returns:
        (N, 3, H, W) float32, contiguous.
    """
    stacked = np.stack(crops)
    if layout.channels is ChannelOrder.RGB:
        stacked = stacked[..., ::-1]
    blob = np.ascontiguousarray(stacked.transpose(0, 3, 1, 2), np.float32)
    gain = np.asarray([layout.scale / std for std in layout.std], np.float32)
    offset = np.asarray([mean / std for mean, std in zip(layout.mean, layout.std, strict=True)], np.float32)
    if np.any(gain != 1.0):
        blob *= gain[:, None, None]
    if np.any(offset != 0.0):
        blob -= offset[:, None, None]
    return blob
