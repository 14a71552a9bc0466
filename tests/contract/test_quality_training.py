"""Training of a quality head: what is gathered for it, and that the same command makes the same bytes."""

from pathlib import Path

import pytest

import doorward_export
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.packs.quality_head import Statistic, Tap, read_head
from doorward_export.gathering import Gathering, read_part, training_versions
from doorward_export.list_of_parts import list_of_parts
from doorward_export.photographs import PARTS, parts_of
from doorward_export.recipe import MORE_WAYS, WAYS
from doorward_export.tapped import open_tapped

pytestmark = [pytest.mark.models, pytest.mark.assets]


def few(seed: int) -> Gathering:
    return Gathering(
        seed=seed, versions=3, more_versions=2, masked_versions=1, things=20, suite_copies=1, most_photos=24
    )


def trained(pack: InstalledPack, assets: Path, seed: int) -> bytes:
    pytest.importorskip("torch", reason="torch is not installed here")
    from doorward_export.network import TrainingSettings
    from doorward_export.training import Course, train_head

    network = TrainingSettings(seed=seed, epochs=2, members=2, hidden=8)
    return train_head(pack, assets, Course(gathering=few(seed), network=network)).to_bytes()


def test_two_trainings_from_one_seed_give_the_same_bytes_and_another_seed_gives_others(compact_pack, assets):
    first, again, other = (trained(compact_pack, assets, seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    assert read_head(first).hidden.shape[1] == 16


def test_both_rounds_of_ways_are_gathered(compact_pack, assets):
    with open_tapped(compact_pack, (Tap("output0", (Statistic.VALUE,)),), threads=1) as tapped:
        photos = read_part(tapped, assets, "train", 24)
        kinds = {version.kind for version in training_versions(tapped, photos, few(3))}
    first, second = ({way.name for way in ways} for ways in (WAYS, MORE_WAYS))
    assert len(kinds & (first - second)) > 8
    assert kinds >= {"pull", "thing", "surroundings"}


def test_the_committed_list_gives_every_photo_the_part_that_the_split_gives_it(compact_pack, assets):
    committed = Path(doorward_export.__file__).with_name("parts.txt").read_text(encoding="utf-8")
    assert list_of_parts(compact_pack, assets) == committed
    assert set(parts_of().values()) == set(PARTS)
