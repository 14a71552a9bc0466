"""`doorwardd models` says what there is, brings packs and finds damage."""

import argparse
import json
from pathlib import Path

import pytest

from doorward_daemon.errors import Conflict, ErrorReason, ExitCode, InvalidInput, NotReady, exit_code_of
from doorward_daemon.packs.progress import SilentProgress
from doorward_daemon.packs.pull import PullSources, pull_pack
from doorward_daemon.packs.store import PackStore
from doorward_daemon.tools.models import add_models_parser, run_models
from doorward_testing.tiny_pack import tiny_files, tiny_recipe

PACK_KEYS = {
    *("name", "version", "description", "models", "embedding_id", "embedding_dimension", "installed", "active"),
    "threshold_at_fmr_1e3",
}
MODEL_KEYS = {"name", "role", "sha256", "size_bytes", "licence", "sources", "training_data"}


def _run(home: Path, *words: str, assets: Path | None = None) -> int:
    parser = argparse.ArgumentParser()
    add_models_parser(parser.add_subparsers())
    return run_models(parser.parse_args(["models", *words]), home, assets)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A box with the tiny pack under the name compact."""
    for name, content in tiny_files().items():
        (tmp_path / name).write_bytes(content)
    store = PackStore(tmp_path / "home" / "packs")
    sources = PullSources(folder=tmp_path, offline=True)
    pull_pack(store, "compact", sources, SilentProgress(), [tiny_recipe(tiny_files())])
    return tmp_path / "home"


def test_list_on_a_new_box_prints_one_json_document_with_the_fields_of_the_contract(tmp_path, capsys) -> None:
    assert _run(tmp_path, "list", "--json") == ExitCode.DONE
    captured = capsys.readouterr()
    packs = json.loads(captured.out)["packs"]
    assert captured.out.count("\n") == 1
    compact = next(pack for pack in packs if pack["name"] == "compact")
    assert set(compact) == PACK_KEYS
    assert all(set(model) == MODEL_KEYS for model in compact["models"])
    assert compact["threshold_at_fmr_1e3"] > 0
    assert (compact["installed"], compact["active"]) == (False, False)
    assert list(tmp_path.iterdir()) == [], "listing writes nothing"


def test_list_shows_licence_and_provenance_of_weights_and_training_data(tmp_path: Path, capsys) -> None:
    _run(tmp_path, "list", "--json")
    for pack in json.loads(capsys.readouterr().out)["packs"]:
        for model in pack["models"]:
            assert model["licence"]
            assert model["training_data"]
            assert model["sources"]
            assert len(model["sha256"]) == 64


def test_list_for_people_names_every_model(tmp_path: Path, capsys) -> None:
    assert _run(tmp_path, "list") == ExitCode.DONE
    shown = capsys.readouterr().out
    for word in ("compact", "yunet", "mobilefacenet", "minifasnet_v1se", "Apache-2.0", "not installed", "https://"):
        assert word in shown


def test_list_shows_what_is_installed_and_active(home: Path, capsys) -> None:
    _run(home, "list", "--json")
    compact = next(pack for pack in json.loads(capsys.readouterr().out)["packs"] if pack["name"] == "compact")
    assert (compact["installed"], compact["active"]) == (True, True)
    assert [model["name"] for model in compact["models"]] == ["tiny_embedder", "tiny_liveness"]


def test_verify_finds_an_intact_pack_intact(home: Path, capsys) -> None:
    assert _run(home, "verify", "--json") == ExitCode.DONE
    assert [pack["name"] for pack in json.loads(capsys.readouterr().out)["packs"]] == ["compact"]


@pytest.mark.parametrize("words", [("verify",), ("verify", "compact"), ("verify", "--json")])
def test_verify_of_a_changed_byte_needs_a_person_and_prints_no_answer(home: Path, capsys, words) -> None:
    path = next((home / "packs" / "compact").glob("*/l.onnx"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Conflict) as caught:
        _run(home, *words)
    assert caught.value.reason is ErrorReason.PACK_DAMAGED
    assert set(caught.value.metadata) == {"pack", "file", "expected", "found"}
    assert exit_code_of(caught.value) is ExitCode.NEEDS_PERSON
    assert capsys.readouterr().out == ""


def test_damaged_pack_is_listed_as_such(home: Path, capsys) -> None:
    path = next((home / "packs" / "compact").glob("*/l.onnx"))
    path.unlink()
    assert _run(home, "list") == ExitCode.DONE
    captured = capsys.readouterr()
    assert "PACK_MISSING" in captured.out
    assert "doorwardd models pull compact" in captured.err


def test_verify_on_a_new_box_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="models pull --auto") as caught:
        _run(tmp_path, "verify")
    assert caught.value.reason is ErrorReason.PACK_MISSING


def test_a_pack_of_the_users_own_checkpoint_is_made_not_pulled(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"doorward_export rts CHECKPOINT"):
        _run(tmp_path / "home", "pull", "rts", "--offline")


def test_pull_without_any_source_lists_them_and_prints_no_answer(tmp_path: Path, capsys) -> None:
    with pytest.raises(NotReady) as caught:
        _run(tmp_path / "home", "pull", "compact", "--offline", "--from", str(tmp_path / "stick"), "--json")
    assert str(tmp_path / "stick") in caught.value.message
    assert exit_code_of(caught.value) is ExitCode.NEEDS_PERSON
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("words", [("pull",), ("pull", "compact", "--auto"), ("fetch",), ()])
def test_wrong_usage_ends_with_code_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        _run(tmp_path, *words)
    assert caught.value.code == 2


@pytest.mark.assets
def test_pull_from_the_development_files_prints_one_document_and_progress_elsewhere(tmp_path, assets, capsys) -> None:
    assert _run(tmp_path, "pull", "--auto", "--offline", "--json", assets=assets) == ExitCode.DONE
    captured = capsys.readouterr()
    assert json.loads(captured.out)["pack"]["name"] == "compact"
    assert "building yunet" in captured.err
    assert (tmp_path / "packs" / "active").read_text().strip() == "compact"


@pytest.mark.assets
def test_pull_from_a_folder_of_upstream_files_needs_nothing_else(tmp_path: Path, assets: Path, capsys) -> None:
    assert _run(tmp_path, "pull", "compact", "--offline", "--from", str(assets / "models")) == ExitCode.DONE
    assert "active pack of this box" in capsys.readouterr().out
