"""Measures a pack's quality score, as the gate gives it, on the photographs its head never saw."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.tools.lab import Lab, LabFace
from doorward_daemon.tools.quality_sample import SpoiledCopy, cosines_of, spoiled_copies
from doorward_daemon.tools.statistics import auroc
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.degradation import REFUSED, Degradation, DegradationKind, misplace
from doorward_daemon.vision.quality.head_pose import estimate_head_pose
from doorward_export.photographs import parts_of, photo_names
from doorward_export.recipe import SEEN_KINDS, UNSEEN_KINDS
from doorward_export.things import HELD_OUT_PICTURES, drawn_thing, random_crop, shipped_pictures

_THINGS = 400
_PROFILE_FROM = 45.0 / 80.0
"""Severity of the suite's profile that is a turn of 45 degrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutReport:
    """What is printed; every figure with its number of samples."""

    pack: str
    n_photos: int
    n_masked: int
    auroc_seen: float
    auroc_unseen: float
    auroc_seen_strict: float
    """The same with copies that wear a mask or are drawn counted as good where the embedding keeps them."""
    n_seen: tuple[int, int]
    """Kept and lost copies of kinds trained on."""
    n_unseen: tuple[int, int]
    """Kept and lost copies of kinds never trained on."""
    auroc_by_kind: dict[str, float | None]
    clean_from_06: float
    clean_from_08: float
    masked_from_08: float
    masked_from_04: float
    non_faces_below_04: float
    n_non_faces: int
    lost_from_04: float
    kept_from_04: float
    profiles_from_08: float
    """Copies turned by 45 degrees or more."""
    n_profiles: int
    masks_told: float
    """Masked photos whose mask score is 0.5 or more."""
    bare_told: float
    """Photos without a mask whose mask score is below 0.5."""

    def document(self) -> dict[str, object]:
        """The JSON document."""
        return asdict(self)


def evaluate(lab: Lab, assets: Path, most_photos: int, seed: int) -> HeldOutReport:
    """Judges held-out photos, copies of them, and things.

    Args:
        lab: the opened pack.
        assets: folder with train_faces.
        most_photos: spoil at most so many photos; 0 = all.
        seed: of the spoiling.
    """
    parts = parts_of()
    names = [name for name in photo_names(assets) if parts.get(name) == "held_out"]
    paths = [assets / "train_faces" / name for name in names]
    bare = [path for path in paths if path.parent.name == "unmasked"]
    masked = _faces(lab, [path for path in paths if path.parent.name == "masked"])
    chosen = bare[:: max(1, len(bare) // most_photos) if most_photos else 1]
    seeds = np.random.default_rng(seed).integers(0, 2**31, size=len(chosen))
    spoiled = [
        spoiled_copies(lab, path, int(one))
        for path, one in zip(progress(chosen, "Spoiling photos"), seeds, strict=True)
    ]
    copies = [copy for photo in spoiled for copy in photo.copies if copy.face is not None]
    clean = _faces(lab, bare)
    things = _things(lab, bare, seed)
    lost, kept = cosines_of(lab.manifest)
    seen, unseen = ([copy for copy in copies if copy.kind in kinds] for kinds in (SEEN_KINDS, UNSEEN_KINDS))
    good, bad = _sides(copies, lost, kept)
    profiles = _scores([c for c in copies if c.kind is DegradationKind.PROFILE and c.severity >= _PROFILE_FROM])
    return HeldOutReport(
        pack=lab.manifest.name,
        n_photos=len(clean),
        n_masked=len(masked),
        auroc_seen=auroc(*_sides(seen, lost, kept)),
        auroc_unseen=auroc(*_sides(unseen, lost, kept)),
        auroc_seen_strict=auroc(*_sides(seen, lost, kept, refused=())),
        n_seen=_counts(_sides(seen, lost, kept)),
        n_unseen=_counts(_sides(unseen, lost, kept)),
        auroc_by_kind={kind.lower(): _auroc_of(copies, kind, lost, kept) for kind in DegradationKind},
        clean_from_06=_share(clean, 0.6),
        clean_from_08=_share(clean, 0.8),
        masked_from_08=_share(masked, 0.8),
        masked_from_04=_share(masked, 0.4),
        non_faces_below_04=float(np.mean(things < 0.4)),
        n_non_faces=len(things),
        lost_from_04=float(np.mean(bad >= 0.4)),
        kept_from_04=float(np.mean(good >= 0.4)),
        profiles_from_08=float(np.mean(profiles >= 0.8)),
        n_profiles=len(profiles),
        masks_told=float(np.mean([_mask(face) >= 0.5 for face in masked])),
        bare_told=float(np.mean([_mask(face) < 0.5 for face in clean])),
    )


def _faces(lab: Lab, paths: Sequence[Path]) -> list[LabFace]:
    found = (lab.look(path) for path in progress(paths, "Looking at photos"))
    return [face for face in found if face is not None]


def _things(lab: Lab, photos: Sequence[Path], seed: int) -> NDArray[np.float64]:
    """Scores of what is no face, each said to be one by a detector that errs: things, pages, places beside faces."""
    rng = np.random.default_rng([seed, 9])
    side, scores = 160, []
    pictures = shipped_pictures(HELD_OUT_PICTURES)
    landmarks = np.array([(58, 70), (102, 70), (80, 96), (62, 122), (98, 122)], np.float32)
    box = np.array([30, 20, 130, 150], np.float32)
    for number in range(_THINGS):
        thing = random_crop(pictures[number % len(pictures)], rng, side) if number % 4 else drawn_thing(rng, side)
        moved = landmarks + rng.normal(0, 4, landmarks.shape).astype(np.float32)
        scores.append(lab.look_at_face(Picture(thing), Face(box.copy(), moved, 0.8)).quality.score)
    for path in photos:
        picture = lab.read(path)
        face = lab.look_at(picture)
        if face is None:
            continue
        beside = misplace(picture, face.face, Degradation(DegradationKind.NON_FACE, 1.0, int(rng.integers(2**31))))
        low = np.maximum(beside.xyxy_px[:2], face.face.xyxy_px[:2])
        high = np.minimum(beside.xyxy_px[2:], face.face.xyxy_px[2:])
        if np.prod(np.maximum(high - low, 0)) <= 0.1 * beside.area_px:
            scores.append(lab.look_at_face(picture, beside).quality.score)
    return np.asarray(scores)


def _sides(
    copies: Sequence[SpoiledCopy], lost: float, kept: float, refused: tuple[DegradationKind, ...] = REFUSED
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    good = [copy for copy in copies if copy.cosine >= kept and copy.kind not in refused]
    return _scores(good), _scores([copy for copy in copies if copy.cosine < lost])


def _auroc_of(copies: Sequence[SpoiledCopy], kind: DegradationKind, lost: float, kept: float) -> float | None:
    good, bad = _sides([copy for copy in copies if copy.kind is kind], lost, kept, refused=())
    return auroc(good, bad) if len(good) and len(bad) else None


def _counts(sides: tuple[NDArray[np.float64], NDArray[np.float64]]) -> tuple[int, int]:
    return len(sides[0]), len(sides[1])


def _scores(copies: Sequence[SpoiledCopy]) -> NDArray[np.float64]:
    return np.asarray([copy.face.quality.score for copy in copies if copy.face is not None], np.float64)


def _share(faces: Sequence[LabFace], limit: float) -> float:
    return float(np.mean([face.quality.score >= limit for face in faces]))


def _mask(face: LabFace) -> float:
    return face.embedding.mask_score or 0.0


def yaw_of(face: LabFace) -> float:
    """Turn of a head, absolute degrees."""
    return abs(estimate_head_pose(face.face.landmarks_px).yaw_deg)
