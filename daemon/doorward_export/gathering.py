"""What the head of a pack learns from and what it is chosen with: read from photographs once, kept if wanted."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from doorward_daemon.packs.manifest import InstalledPack, ModelRole
from doorward_daemon.packs.quality_head import Tap
from doorward_export.non_faces import surroundings, things
from doorward_export.photographs import Photograph, parts_of, photo_names, read_photograph
from doorward_export.recipe import MORE_WAYS, WAYS
from doorward_export.samples import COLUMNS, Samples, gather, suite_versions
from doorward_export.tapped import TappedPack, open_tapped
from doorward_export.things import TRAINED_PICTURES, shipped_pictures
from doorward_export.versions import Round, Version, versions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """How much is gathered."""

    seed: int = 7
    """Of everything drawn."""
    versions: int = 14
    """Of every photo without a mask in the first round."""
    more_versions: int = 6
    """The same in the second round."""
    masked_versions: int = 2
    """Of every masked photo, in the first round."""
    things: int = 1500
    """Crops without a face."""
    suite_copies: int = 2
    """Copies in every way of the suite of every photo without a mask that the head is chosen with."""
    most_photos: int = 0
    """Photos of each part looked at; 0 = all."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Everything one training needs."""

    learned: Samples
    """Of the part `train`: what the head learns from."""
    chosen_with: Samples
    """Of the part `choose`: clean photos and copies in the ways of the suite, which it never learns from."""


def gather_all(
    pack: InstalledPack, taps: Sequence[Tap], assets: Path, wanted: Gathering, kept_in: Path | None = None
) -> Gathered:
    """Reads the photos of both parts, or what an earlier run with the same wishes has kept.

    Args:
        pack: installed; its embedder stays as it is.
        taps: what the head reads.
        assets: folder with train_faces.
        wanted: how much.
        kept_in: folder for what was read; None = nothing is kept. Changed code is not noticed: for trials only.

    Raises:
        InvalidInput: FIELD_INVALID, there are no photos.
        Conflict, Fault: the pack cannot be opened.
    """
    embedder = pack.manifest.of_role(ModelRole.EMBEDDER)[0].source_sha256
    text = repr((pack.manifest.name, embedder, taps, sorted(asdict(wanted).items()), sorted(parts_of().items())))
    key = f"{pack.manifest.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    files = {part: kept_in / f"{key}-{part}.npz" if kept_in else None for part in ("train", "choose")}
    with open_tapped(pack, taps, threads=1) as tapped:
        return Gathered(
            learned=_kept(files["train"], lambda: _learned(tapped, assets, wanted)),
            chosen_with=_kept(files["choose"], lambda: _chosen_with(tapped, assets, wanted)),
        )


def _learned(tapped: TappedPack, assets: Path, wanted: Gathering) -> Samples:
    photos = read_part(tapped, assets, "train", wanted.most_photos)
    return gather(tapped, photos, training_versions(tapped, photos, wanted))


def _chosen_with(tapped: TappedPack, assets: Path, wanted: Gathering) -> Samples:
    photos = read_part(tapped, assets, "choose", wanted.most_photos)
    return gather(tapped, photos, suite(tapped, photos, wanted))


def _kept(file: Path | None, read: Callable[[], Samples]) -> Samples:
    if file is None:
        return read()
    if not file.is_file():
        _write(file, read())
    return _read(file)


def read_part(tapped: TappedPack, assets: Path, part: str, most: int) -> list[Photograph]:
    """The photos of one part in which the pack finds a face.

    Args:
        tapped: finds faces.
        assets: folder with train_faces.
        part: train, choose or held_out.
        most: at most so many, spread over the list; 0 = all.
    """
    parts = parts_of()
    names = [name for name in photo_names(assets) if parts.get(name) == part]
    if most:
        names = names[:: max(1, len(names) // most)][:most]
    found = (read_photograph(assets, name, tapped) for name in names)
    return [photo for photo in found if photo is not None]


def training_versions(tapped: TappedPack, photos: Sequence[Photograph], wanted: Gathering) -> Iterator[Version]:
    """All versions a head is trained on besides the clean photos."""
    first = Round(WAYS, wanted.versions, wanted.masked_versions, (wanted.seed,))
    second = Round(MORE_WAYS, wanted.more_versions, 0, (wanted.seed, 5))
    no_faces = things(tapped, shipped_pictures(TRAINED_PICTURES), wanted.things, wanted.seed)
    return chain(
        _round(tapped, photos, first),
        surroundings(tapped, photos, wanted.seed),
        no_faces,
        _round(tapped, photos, second),
    )


def _round(tapped: TappedPack, photos: Sequence[Photograph], one: Round) -> Iterator[Version]:
    for index, photo in enumerate(photos):
        yield from versions_of(tapped, photo, index, one)


def suite(tapped: TappedPack, photos: Sequence[Photograph], wanted: Gathering) -> Iterator[Version]:
    """Photos without a mask spoiled in every way of the evaluation suite, at strengths drawn for each."""
    for index, photo in enumerate(photos):
        if not photo.is_masked:
            rng = np.random.default_rng([wanted.seed, 3, index])
            severities = rng.uniform(0.1, 1.0, wanted.suite_copies).tolist()
            yield from suite_versions(tapped, photo, index, severities, int(rng.integers(2**31)))


def _write(file: Path, samples: Samples) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: getattr(samples, name) for name in COLUMNS}
    np.savez(file, kind=np.array(samples.kind), **arrays)


def _read(file: Path) -> Samples:
    with np.load(file, allow_pickle=False) as archive:
        return Samples(kind=tuple(archive["kind"].tolist()), **{name: archive[name] for name in COLUMNS})
