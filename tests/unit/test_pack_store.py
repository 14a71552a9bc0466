"""The store opens only what was installed."""

from pathlib import Path

import pytest

from doorward_daemon.errors import Conflict, ErrorReason, InvalidInput
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.pull import PullSources, pull_pack
from doorward_daemon.packs.store import PackStore
from doorward_testing.tiny_pack import tiny_files, tiny_recipe


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    for name, content in tiny_files().items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def store(tmp_path: Path, stick: Path) -> PackStore:
    store = PackStore(tmp_path / "home" / "packs")
    pull_pack(store, "compact", PullSources(folder=stick), SilentProgress(), [tiny_recipe(tiny_files())])
    return store


def _change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def test_installed_pack_opens_with_its_files(store: PackStore) -> None:
    pack = store.open("compact")
    assert [pack.path_of(model).name for model in pack.manifest.models] == ["e.onnx", "l.onnx"]
    assert store.installed() == ("compact",)


def test_changed_byte_of_a_model_refuses_to_open_and_says_file_expected_and_found(store: PackStore) -> None:
    pack = store.open("compact")
    model = pack.manifest.models[1]
    _change_a_byte(pack.path_of(model))
    with pytest.raises(Conflict) as caught:
        store.open("compact")
    assert caught.value.reason is ErrorReason.PACK_DAMAGED
    assert caught.value.metadata["file"] == str(pack.path_of(model))
    assert caught.value.metadata["expected"] == model.sha256
    assert caught.value.metadata["found"] not in {model.sha256, ""}
    assert all(value in caught.value.message for value in caught.value.metadata.values())
    assert "doorwardd models pull compact" in caught.value.message


def test_changed_threshold_in_the_description_refuses_to_open(store: PackStore) -> None:
    description = store.open("compact").folder / "pack.toml"
    description.write_text(description.read_text().replace("0.3", "0.1"))
    with pytest.raises(Conflict) as caught:
        store.open("compact")
    assert caught.value.reason is ErrorReason.PACK_DAMAGED
    assert caught.value.metadata["file"] == str(description)


def test_missing_file_is_named_with_the_command_that_brings_it_back(store: PackStore) -> None:
    pack = store.open("compact")
    pack.path_of(pack.manifest.models[0]).unlink()
    with pytest.raises(Conflict, match=r"e\.onnx is missing; run `doorwardd models pull compact`") as caught:
        store.open("compact")
    assert caught.value.reason is ErrorReason.PACK_MISSING


def test_pack_that_never_came_is_missing(tmp_path: Path) -> None:
    store = PackStore(tmp_path / "nothing")
    with pytest.raises(Conflict, match="doorwardd models pull starter") as caught:
        store.open("starter")
    assert caught.value.reason is ErrorReason.PACK_MISSING
    assert store.installed() == ()
    assert store.active() is None
    assert not store.root.exists(), "opening must not write"


@pytest.mark.parametrize("name", ["", "../compact", "a/b", "Compact", ".", "compact\n"])
def test_name_that_could_leave_the_store_is_refused(store: PackStore, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        store.open(name)
    assert caught.value.reason is ErrorReason.FIELD_INVALID


def test_pull_mends_a_damaged_pack_without_the_network(store: PackStore) -> None:
    pack = store.open("compact")
    _change_a_byte(pack.path_of(pack.manifest.models[0]))
    description = pack.folder / "pack.toml"
    description.unlink()
    # The damaged file was linked to its object, which for this pack is also its upstream file: that has to come again.
    with pytest.raises(Conflict):
        store.open("compact")
    sources = PullSources(folder=store.root.parent.parent / "stick", offline=True)
    mended = pull_pack(store, "compact", sources, SilentProgress(), [tiny_recipe(tiny_files())])
    assert mended.manifest == pack.manifest
    assert store.open("compact").folder == pack.folder


def test_files_of_the_store_are_read_only(store: PackStore) -> None:
    pack = store.open("compact")
    assert all(pack.path_of(model).stat().st_mode & 0o222 == 0 for model in pack.manifest.models)
