"""The alignment most recognisers share, and the one quality is measured on in every pack."""

from doorward_daemon.packs.manifest import Alignment

# Source: the ArcFace/InsightFace five-point template at 112x112; the same in SFace, eDifFIQA and RTS.
ARCFACE_112 = Alignment(
    size_px=112,
    template_px=(
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ),
)
"""Right eye, left eye, nose tip, right and left mouth corner, in pixels of a 112x112 crop."""
