"""Writes the list that says which part every photograph belongs to."""

from pathlib import Path

from doorward_daemon.packs.manifest import InstalledPack, ModelRole
from doorward_daemon.packs.quality_head import Statistic, Tap
from doorward_export.photographs import photo_names, read_photograph
from doorward_export.split import split
from doorward_export.tapped import open_tapped

_HEADER = (
    "# Part of every photograph of train_faces in which the compact pack finds a face; by `doorward_export split`.",
    "# Look-alikes (cosine 0.6 or more, chained) share a part, drawn by the SHA-256 of the first name of their group.",
)


def list_of_parts(pack: InstalledPack, assets: Path) -> str:
    """The content of parts.txt: a line `<part> <name>` per photo in which the pack finds a face.

    Args:
        pack: the compact one; its embeddings say who looks like whom.
        assets: folder with train_faces.

    Raises:
        InvalidInput: FIELD_INVALID, there are no photos.
        Conflict, Fault: the pack cannot be opened.
    """
    vector = Tap(pack.manifest.of_role(ModelRole.EMBEDDER)[0].outputs[0], (Statistic.VALUE,))
    with open_tapped(pack, (vector,), threads=1) as tapped:
        found = [read_photograph(assets, name, tapped) for name in photo_names(assets)]
        photos = [photo for photo in found if photo is not None]
        reading = tapped.read([tapped.crop(photo.bgr_hwc, photo.face.landmarks_px) for photo in photos])
    parts = split([photo.name for photo in photos], reading.vectors)
    return "\n".join([*_HEADER, *(f"{part} {name}" for name, part in parts.items())]) + "\n"
