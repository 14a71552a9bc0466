"""The identity of an embedding space: templates of different spaces never compare."""

import hashlib
import json
from collections.abc import Sequence

from doorward_daemon.packs.manifest import Alignment, InputLayout

_DIGITS = 12


def embedding_id_of(
    pack: str, source_hashes: Sequence[str], layout: InputLayout, alignment: Alignment, centre: Sequence[float]
) -> str:
    """Names an embedding space by everything that shapes an embedding.

    The built file is left out on purpose: its bytes depend on the version of onnx that wrote it, the numbers do not.

    Args:
        pack: name of the pack.
        source_hashes: sha256 of the embedder's upstream files, in the order of the recipe.
        layout: how a crop enters the embedder; the name of the graph's input does not count.
        alignment: how the crop is cut.
        centre: what is subtracted, empty = nothing.

    Returns:
        Pack name, a dash and 12 hexadecimal digits.
    """
    shaping = {
        "sources": list(source_hashes),
        "layout": [layout.channels, layout.height_px, layout.width_px, layout.scale, layout.mean, layout.std],
        "alignment": [alignment.size_px, alignment.template_px],
        "centre": list(centre),
    }
    text = json.dumps(shaping, sort_keys=True, separators=(",", ":"))
    return f"{pack}-{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"
