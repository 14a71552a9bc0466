"""A pull brings a pack from the nearest source, whole or not at all."""

import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from doorward_daemon.errors import Conflict, ErrorReason, InvalidInput, NotReady
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.pull import PullSources, pull_pack
from doorward_daemon.packs.recipe import PackRecipe
from doorward_daemon.packs.store import PackStore
from doorward_testing.mirror import serve_mirror
from doorward_testing.tiny_pack import FILES, tiny_files, tiny_model, tiny_recipe


@pytest.fixture
def files() -> dict[str, bytes]:
    return tiny_files()


@pytest.fixture
def store(tmp_path: Path) -> PackStore:
    return PackStore(tmp_path / "packs")


@pytest.fixture
def stick(tmp_path: Path, files: dict[str, bytes]) -> Path:
    folder = tmp_path / "stick" / "deep" / "er"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / f"renamed-{name}").write_bytes(content)
    return tmp_path / "stick"


def _pull(store: PackStore, name: str, sources: PullSources, *known: PackRecipe) -> InstalledPack:
    return pull_pack(store, name, sources, SilentProgress(), known)


def test_folder_is_enough_without_any_network(store: PackStore, stick: Path, files: dict[str, bytes]) -> None:
    pack = _pull(store, "compact", PullSources(folder=stick, offline=True), tiny_recipe(files))
    assert pack.path_of(pack.manifest.models[0]).read_bytes() == files[FILES[0]]


def test_copy_of_another_box_s_store_is_a_source(store: PackStore, stick: Path, tmp_path: Path, files) -> None:
    _pull(store, "compact", PullSources(folder=stick), tiny_recipe(files))
    shutil.copytree(store.root, tmp_path / "copied")
    shutil.rmtree(stick)
    other = PackStore(tmp_path / "other")
    sources = PullSources(folder=tmp_path / "copied", offline=True)
    assert _pull(other, "compact", sources, tiny_recipe(files)).manifest == store.open("compact").manifest


def test_development_files_are_a_source(store: PackStore, tmp_path: Path, files: dict[str, bytes]) -> None:
    (tmp_path / "models").mkdir()
    for name, content in files.items():
        (tmp_path / "models" / name).write_bytes(content)
    assert _pull(store, "compact", PullSources(assets=tmp_path, offline=True), tiny_recipe(files))


def test_given_folder_comes_before_the_mirror(store: PackStore, stick: Path, files: dict[str, bytes]) -> None:
    with serve_mirror(files) as mirror:
        _pull(store, "compact", PullSources(folder=stick), tiny_recipe(files, (mirror.address,)))
        assert mirror.asked == []


def test_second_pull_asks_nobody(store: PackStore, files: dict[str, bytes]) -> None:
    with serve_mirror(files) as mirror:
        recipe = tiny_recipe(files, (mirror.address,))
        first = _pull(store, "compact", PullSources(), recipe)
        asked = len(mirror.asked)
        assert _pull(store, "compact", PullSources(), recipe) == first
        assert len(mirror.asked) == asked == len(files)


def test_every_source_and_its_reason_is_told_when_none_delivers(store: PackStore, tmp_path: Path, files) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with serve_mirror({}) as mirror:
        recipe = tiny_recipe(files, (mirror.address, "http://127.0.0.1:1"))
        with pytest.raises(NotReady) as caught:
            _pull(store, "compact", PullSources(folder=empty, assets=tmp_path / "absent"), recipe)
    error = caught.value
    assert error.reason is ErrorReason.PACK_UNAVAILABLE
    for part in (str(empty), "absent", mirror.address, "HTTP 404", "127.0.0.1:1", "Connection refused", "--from"):
        assert part in error.message
    assert store.installed() == ()


def test_offline_leaves_the_network_alone(store: PackStore, files: dict[str, bytes]) -> None:
    with serve_mirror(files) as mirror:
        with pytest.raises(NotReady, match="offline"):
            _pull(store, "compact", PullSources(offline=True), tiny_recipe(files, (mirror.address,)))
        assert mirror.asked == []


def test_half_a_pack_is_no_pack(store: PackStore, files: dict[str, bytes]) -> None:
    with serve_mirror({FILES[0]: files[FILES[0]]}) as mirror:
        with pytest.raises(NotReady):
            _pull(store, "compact", PullSources(), tiny_recipe(files, (mirror.address,)))
        assert store.installed() == ()
        mirror.files[FILES[1]] = files[FILES[1]]
        _pull(store, "compact", PullSources(), tiny_recipe(files, (mirror.address,)))
        assert [path for path, _ in mirror.asked].count(FILES[0]) == 1, "what had come is not fetched again"


def test_unknown_pack_is_refused_with_the_known_ones(store: PackStore, files: dict[str, bytes]) -> None:
    with pytest.raises(InvalidInput, match="compact"):
        _pull(store, "nonesuch", PullSources(offline=True), tiny_recipe(files))
    assert not (store.root / "nonesuch").exists()


def test_auto_takes_compact_where_it_can_be_had(store: PackStore, stick: Path, files: dict[str, bytes]) -> None:
    known = [tiny_recipe(files, name="starter"), tiny_recipe(files, name="compact")]
    assert _pull(store, "auto", PullSources(folder=stick, offline=True), *known).manifest.name == "compact"
    assert store.active() == "compact"


def test_auto_falls_to_starter_and_then_never_changes_by_itself(store: PackStore, stick: Path, files) -> None:
    other = {name: tiny_model(seed + 10) for seed, name in enumerate(FILES)}
    known = [tiny_recipe(other, name="compact"), tiny_recipe(files, name="starter")]
    sources = PullSources(folder=stick, offline=True)
    assert _pull(store, "auto", sources, *known).manifest.name == "starter"
    for name, content in other.items():
        (stick / name).write_bytes(content)
    assert _pull(store, "auto", sources, *known).manifest.name == "starter"
    _pull(store, "compact", sources, *known)
    assert store.active() == "starter", "pulling another pack does not make it the active one"
    assert store.installed() == ("compact", "starter")


def test_auto_mends_the_active_pack_rather_than_take_another(store: PackStore, stick: Path, files) -> None:
    known = [tiny_recipe(files, name="compact"), tiny_recipe(files, name="starter")]
    _pull(store, "starter", PullSources(folder=stick), *known)
    shutil.rmtree(store.root / "starter")
    shutil.rmtree(store.root / "objects")
    with pytest.raises(NotReady) as caught:
        _pull(store, "auto", PullSources(offline=True), *known)
    assert caught.value.metadata["pack"] == "starter"
    assert _pull(store, "auto", PullSources(folder=stick), *known).manifest.name == "starter"


def test_auto_lists_the_sources_of_every_pack_when_none_can_be_had(store: PackStore, files: dict[str, bytes]) -> None:
    other = {name: tiny_model(seed + 10) for seed, name in enumerate(FILES)}
    known = [
        tiny_recipe(files, ("http://127.0.0.1:1/c",)),
        tiny_recipe(other, ("http://127.0.0.1:2/s",), name="starter"),
    ]
    with pytest.raises(NotReady) as caught:
        _pull(store, "auto", PullSources(), *known)
    assert "127.0.0.1:1/c" in caught.value.message
    assert "127.0.0.1:2/s" in caught.value.message
    assert store.active() is None


def test_new_calibration_of_the_catalogue_reaches_the_box_with_the_next_pull(
    store: PackStore, stick: Path, files
) -> None:
    old = _pull(store, "compact", PullSources(folder=stick), tiny_recipe(files))
    new = _pull(store, "compact", PullSources(offline=True), tiny_recipe(files, version="2"))
    assert (old.manifest.version, new.manifest.version) == ("1", "2")
    assert new.manifest.embedding_id == old.manifest.embedding_id
    assert old.path_of(old.manifest.models[0]).is_file(), "whoever opened the old one still finds it"


def test_objects_no_pack_needs_are_removed(store: PackStore, stick: Path, files: dict[str, bytes]) -> None:
    _pull(store, "compact", PullSources(folder=stick), tiny_recipe(files))
    other = {name: tiny_model(seed + 10) for seed, name in enumerate(FILES)}
    with serve_mirror(other) as mirror:
        _pull(store, "compact", PullSources(), tiny_recipe(other, (mirror.address,), version="2"))
    kept = {path.read_bytes() for path in (store.root / "objects").iterdir()}
    assert kept == set(other.values())


def test_graph_with_other_outputs_than_the_catalogue_says_is_not_installed(store: PackStore, tmp_path: Path) -> None:
    content = dict.fromkeys(FILES, b"no onnx at all, though its hash is right")
    (tmp_path / "stick").mkdir()
    for name in FILES:
        (tmp_path / "stick" / name).write_bytes(content[name])
    with pytest.raises(Conflict) as caught:
        _pull(store, "compact", PullSources(folder=tmp_path / "stick"), tiny_recipe(content))
    assert caught.value.reason is ErrorReason.PACK_DAMAGED
    assert store.installed() == ()


def test_two_pulls_at_once_fetch_each_file_once_and_both_get_the_pack(
    store: PackStore, files: dict[str, bytes]
) -> None:
    with serve_mirror(files) as mirror:
        mirror.hold = threading.Event()
        recipe = tiny_recipe(files, (mirror.address,))
        with ThreadPoolExecutor(2) as pool:
            pulls = [pool.submit(_pull, store, "compact", PullSources(), recipe) for _ in range(2)]
            while not mirror.asked:
                time.sleep(0.01)
            mirror.hold.set()
            first, second = (pull.result(30) for pull in pulls)
        assert first == second
        assert sorted(path for path, _ in mirror.asked) == sorted(FILES)


def test_read_only_store_with_an_intact_pack_still_answers(store: PackStore, stick: Path, files) -> None:
    recipe = tiny_recipe(files)
    pack = _pull(store, "compact", PullSources(folder=stick), recipe)
    (store.root / ".lock").unlink()
    assert _pull(store, "auto", PullSources(offline=True), recipe) == pack
    assert not (store.root / ".lock").exists(), "nothing is written when nothing is to be done"


def test_store_that_cannot_be_made_is_told_as_such(tmp_path: Path, files: dict[str, bytes]) -> None:
    (tmp_path / "file").write_text("in the way")
    store = PackStore(tmp_path / "file" / "packs")
    with pytest.raises(Conflict, match=str(store.root)) as caught:
        _pull(store, "compact", PullSources(offline=True), tiny_recipe(files))
    assert caught.value.reason is ErrorReason.DATA_FOLDER_UNUSABLE


_PULL_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.pull import PullSources, pull_pack
from doorward_daemon.packs.store import PackStore
from doorward_testing.tiny_pack import tiny_files, tiny_recipe
root, stick = Path(sys.argv[1]), Path(sys.argv[2])
known = [[tiny_recipe(tiny_files(), version=str(version))] for version in range(2)]
for turn in count():
    pull_pack(PackStore(root), "compact", PullSources(folder=stick), SilentProgress(), known[turn % 2])
    print(turn, flush=True)
"""


@pytest.mark.parametrize("turns", [1, 2, 5, 9])
def test_pull_killed_at_any_moment_leaves_the_old_or_the_new_pack(store: PackStore, stick, files, turns: int) -> None:
    command = [sys.executable, "-c", _PULL_FOR_EVER, str(store.root), str(stick)]
    path = str(Path(__file__).resolve().parents[1])
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": path}) as process:
        assert process.stdout is not None
        for _ in range(turns):
            assert process.stdout.readline(), "the child pulls"
        time.sleep(turns * 0.0007)  # somewhere within the next pull
        process.send_signal(signal.SIGKILL)
    assert store.open("compact").manifest.version in {"0", "1"}
    after = _pull(store, "compact", PullSources(offline=True), tiny_recipe(files, version="3"))
    assert after.manifest.version == "3"
    assert not list(store.root.glob(".scratch-*")), "left-overs are swept"
