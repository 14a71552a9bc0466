"""The catalogue is whole, pinned and says where everything comes from."""

import tomllib
from dataclasses import fields, replace
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.build import BUILDERS
from doorward_daemon.packs.catalogue import catalogue, parse_recipe, recipes
from doorward_daemon.packs.embedding_identity import embedding_id_of
from doorward_daemon.packs.manifest import Alignment, Calibration, InputLayout, ModelEntry, ModelRole, PackManifest
from doorward_daemon.packs.manifest_file import read_manifest, write_manifest
from doorward_daemon.packs.recipe import PackRecipe
from doorward_daemon.packs.source import SourceFile

FOLDER = resources.files("doorward_daemon.packs.catalogue")
TEXTS = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir() if file.name.endswith(".toml")}


@pytest.fixture(params=[recipe.manifest.name for recipe in recipes()])
def recipe(request: pytest.FixtureRequest) -> PackRecipe:
    return next(recipe for recipe in recipes() if recipe.manifest.name == request.param)


def _names(kind: type) -> set[str]:
    return {field.name for field in fields(kind)}


@pytest.mark.parametrize("file", sorted(TEXTS))
def test_recipe_has_no_key_that_nothing_reads(file: str) -> None:
    raw = tomllib.loads(TEXTS[file])
    assert set(raw) <= _names(PackManifest) - {"source_files", "embedding_id"} | {"sources", "archives"}
    assert set(raw["alignment"]) <= _names(Alignment)
    assert set(raw["calibration"]) <= _names(Calibration)
    for source in (*raw["sources"], *raw.get("archives", ())):
        assert set(source) <= _names(SourceFile)
    for model in raw["models"]:
        assert set(model) <= _names(ModelEntry) | {"builder", "made_from"}
        assert set(model["input"]) <= _names(InputLayout)


def test_recipe_is_whole(recipe: PackRecipe) -> None:
    manifest = recipe.manifest
    assert manifest.of_role(ModelRole.DETECTOR)
    assert len(manifest.of_role(ModelRole.EMBEDDER)) == 1
    assert all(step.builder in BUILDERS for step in recipe.steps)
    used = {name for step in recipe.steps for name in step.made_from}
    assert used == {source.name for source in manifest.source_files}
    assert all(model.licence and model.training_data and model.sources for model in manifest.models)
    assert len({model.file for model in manifest.models}) == len(manifest.models)
    assert len(manifest.centre) in {0, manifest.embedding_dimension}


def test_every_source_is_pinned_and_can_be_had_somewhere(recipe: PackRecipe) -> None:
    archives = {archive.name: archive for archive in recipe.archives}
    for source in (*recipe.manifest.source_files, *recipe.archives):
        assert len(bytes.fromhex(source.sha256)) == 32
        assert source.size_bytes > 0
        assert Path(source.name).name == source.name
        assert source.urls or source.pip or archives[source.archive].urls or archives[source.archive].pip
        assert all(urlsplit(url).scheme == "https" for url in source.urls)


def test_calibration_is_in_order(recipe: PackRecipe) -> None:
    pairs = recipe.manifest.calibration.thresholds_at_fmr
    assert 1e-3 in dict(pairs)
    assert [rate for rate, _ in pairs] == sorted((rate for rate, _ in pairs), reverse=True)
    assert [score for _, score in pairs] == sorted(score for _, score in pairs)


def test_manifest_survives_its_file(recipe: PackRecipe) -> None:
    content = write_manifest(recipe.manifest)
    assert read_manifest(content, "pack.toml") == recipe.manifest
    assert write_manifest(read_manifest(content, "pack.toml")) == content


@pytest.mark.parametrize("content", [b"", b"\xff", b"name = ", b'name = "compact"', b"models = 3"])
def test_what_is_no_manifest_is_told_with_its_place(content: bytes) -> None:
    with pytest.raises(Conflict, match=r"here/pack\.toml") as caught:
        read_manifest(content, "here/pack.toml")
    assert caught.value.reason is ErrorReason.PACK_DAMAGED


def test_compact_keeps_its_embedding_space() -> None:
    # Templates on every box in the field carry this name: it may change only together with the embeddings.
    compact = next(manifest for manifest in catalogue() if manifest.name == "compact")
    assert compact.embedding_id == "compact-6cd83f008f8b"


def test_embedding_space_is_named_by_what_shapes_an_embedding() -> None:
    manifest = next(manifest for manifest in catalogue() if manifest.name == "compact")
    layout, alignment = manifest.of_role(ModelRole.EMBEDDER)[0].input, manifest.alignment
    same = embedding_id_of("p", ["aa"], layout, alignment, ())
    assert embedding_id_of("p", ["aa"], replace(layout, name="other"), alignment, ()) == same
    others = {
        embedding_id_of("p", ["bb"], layout, alignment, ()),
        embedding_id_of("p", ["aa", "bb"], layout, alignment, ()),
        embedding_id_of("p", ["aa"], replace(layout, scale=1.0), alignment, ()),
        embedding_id_of("p", ["aa"], layout, replace(alignment, size_px=113), ()),
        embedding_id_of("p", ["aa"], layout, alignment, (0.1,)),
    }
    assert len(others) == 5
    assert same not in others


def test_calibration_does_not_change_the_embedding_space() -> None:
    text = TEXTS["compact.toml"]
    changed = text.replace("\nmargin = ", "\nmargin = 1", 1)
    assert changed != text
    assert parse_recipe(changed).manifest.embedding_id == parse_recipe(text).manifest.embedding_id
