"""The evaluation commands as people type them: reach on the development pictures, JSON, bad folders."""

import shutil

import pytest

from doorward_testing.daemon import run_command
from doorward_testing.pictures import astronaut, cameraman, save

VERIFICATION_KEYS = {
    "pack", "n_images", "n_failed_to_enrol", "n_genuine", "n_impostor", "auc", "eer", "balanced_accuracy",
    "fnmr_at_fmr", "threshold_at_fmr", "edc", "images_per_s",
}  # fmt: skip


def link_packs(home, pack):
    """Lets a home use the packs of the test cache as they are."""
    (home / "packs").symlink_to(pack.folder.parents[1])


@pytest.fixture(scope="module")
def home(tmp_path_factory, any_pack):
    folder = tmp_path_factory.mktemp("home")
    link_packs(folder, any_pack)
    return folder


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Two people of public-domain pictures, and a file that is no picture."""
    folder = tmp_path_factory.mktemp("people")
    for person in ("astronaut", "cameraman"):
        (folder / person).mkdir()
    for number, (scale, brightness) in enumerate(((1.0, 1.0), (0.8, 0.8), (0.9, 1.1), (1.2, 0.9))):
        save(astronaut(scale, brightness), folder / "astronaut" / f"{number}.jpg")
    save(cameraman().convert("RGB"), folder / "cameraman" / "0.jpg")
    (folder / "cameraman" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    return folder


def evaluate(home, *arguments: str):
    return run_command("doorwardd", "eval", *arguments, "--json", home=home)


@pytest.mark.assets
@pytest.mark.models
def test_compact_reaches_its_accuracy_on_the_development_faces(tmp_path, assets, compact_pack):
    link_packs(tmp_path, compact_pack)
    report = evaluate(tmp_path, "verification", str(assets / "faces"), "--pack", "compact").json()
    assert report["n_failed_to_enrol"] == 0
    assert (report["n_genuine"], report["n_impostor"]) == (270, 1500)
    assert report["balanced_accuracy"] >= 0.995
    assert report["fnmr_at_fmr"]["1e-3"] <= 0.02


@pytest.mark.assets
@pytest.mark.models
def test_starter_reaches_its_accuracy_on_the_development_faces(tmp_path, assets, starter_pack):
    link_packs(tmp_path, starter_pack)
    report = evaluate(tmp_path, "verification", str(assets / "faces"), "--pack", "starter").json()
    assert report["n_failed_to_enrol"] == 0
    assert report["balanced_accuracy"] >= 0.98
    assert report["fnmr_at_fmr"]["1e-3"] <= 0.08


@pytest.mark.assets
@pytest.mark.models
def test_compact_names_the_enrolled_and_leaves_strangers_alone(tmp_path, assets, compact_pack):
    link_packs(tmp_path, compact_pack)
    report = evaluate(tmp_path, "identification", str(assets / "faces"), "--pack", "compact").json()
    assert (report["n_mated"], report["n_nonmated"], len(report["splits"])) == (42, 60, 2)
    assert report["fpir"] <= 0.02
    assert report["fnir"] <= 0.03
    assert report["rank1"] == 1.0


@pytest.mark.assets
@pytest.mark.models
@pytest.mark.parametrize("pack", ["compact", "starter"])
def test_no_stranger_is_named_whichever_half_of_the_people_is_enrolled(tmp_path, assets, pack, request):
    link_packs(tmp_path, request.getfixturevalue(f"{pack}_pack"))
    given = ("identification", str(assets / "faces"), "--pack", pack, "--splits", "all")
    report = evaluate(tmp_path, *given).json()
    assert (report["n_mated"], report["n_nonmated"], len(report["splits"])) == (420, 600, 20)
    assert report["n_strangers_named"] == 0
    assert report["fnir"] <= 0.03


@pytest.mark.assets
@pytest.mark.models
def test_compact_tells_the_sample_attacks_from_the_living_person(tmp_path, assets, compact_pack):
    link_packs(tmp_path, compact_pack)
    spoof = assets / "images" / "spoof"
    for place, name in (
        ("bona_fide", "bona_fide"),
        ("attack/print", "attack_print"),
        ("attack/screen", "attack_screen"),
    ):
        (tmp_path / "photos" / place).mkdir(parents=True)
        (tmp_path / "photos" / place / "0.jpg").symlink_to(spoof / f"{name}.jpg")
    report = evaluate(tmp_path, "liveness", str(tmp_path / "photos"), "--pack", "compact").json()
    assert (report["bpcer"], report["apcer"]) == (0.0, {"print": 0.0, "screen": 0.0})
    assert (report["n_bona_fide"], report["n_attack"]) == (1, 2)


@pytest.mark.models
def test_verification_prints_one_document_and_names_what_failed_to_enrol(home, people):
    done = evaluate(home, "verification", str(people))
    assert done.code == 0, done.stderr
    assert set(done.json()) == VERIFICATION_KEYS
    assert done.json()["n_images"] == 6
    assert done.json()["n_failed_to_enrol"] == 1
    assert done.json()["balanced_accuracy"] == 1.0
    assert str(people / "cameraman" / "broken.jpg") in done.stderr
    assert "4 impostor pairs cannot show a false match rate of 0.001" in done.stderr


@pytest.mark.models
def test_verification_prints_tables_for_people(home, people):
    done = run_command("doorwardd", "eval", "verification", str(people), home=home)
    assert done.code == 0, done.stderr
    assert "equal error rate" in done.stdout


@pytest.mark.models
def test_identification_counts_a_person_with_too_few_photos_as_a_stranger_only(home, people):
    report = evaluate(home, "identification", str(people)).json()
    assert (report["n_mated"], report["n_nonmated"]) == (1, 6)
    assert report["fpir"] == 0.0


@pytest.mark.models
def test_spoiling_with_the_same_seed_gives_the_same_report(home, tmp_path):
    save(astronaut(), tmp_path / "astronaut.jpg")
    reports = [evaluate(home, "quality", str(tmp_path), "--degrade", "--seed", "7").json() for _ in range(2)]
    assert reports[0] == reports[1]
    assert reports[0]["auroc"] > 0.8
    assert sum(reports[0]["bands"].values()) == pytest.approx(1.0)


@pytest.mark.models
def test_quality_of_sorted_pictures_counts_a_picture_without_a_face_as_zero(home, people, tmp_path):
    shutil.copytree(people / "astronaut", tmp_path / "in")
    (tmp_path / "out" / "wall").mkdir(parents=True)
    save(astronaut().crop((0, 300, 200, 500)), tmp_path / "out" / "wall" / "0.png")
    report = evaluate(home, "quality", str(tmp_path)).json()
    assert (report["n_in"], report["n_out"], report["n_no_face"]) == (4, 1, 1)
    assert (report["auroc"], report["by_kind"]["wall"]["rejected_share"]) == (1.0, 1.0)


@pytest.mark.models
@pytest.mark.parametrize("command", ["verification", "identification", "quality", "liveness"])
def test_an_empty_folder_is_an_error_that_a_person_can_mend(home, tmp_path, command):
    done = evaluate(home, command, str(tmp_path))
    assert done.code == 2
    assert done.json()["error"]["reason"] == "FIELD_INVALID"
    assert str(tmp_path) in done.json()["error"]["message"]


@pytest.mark.models
@pytest.mark.parametrize("names", [("ann",), ("ann", "bob")])
def test_people_without_a_pair_are_an_error_and_not_nan(home, tmp_path, names):
    for name in names:
        (tmp_path / name).mkdir()
        save(astronaut(), tmp_path / name / "0.jpg")
    done = evaluate(home, "verification", str(tmp_path))
    assert done.code == 2
    assert done.json()["error"]["reason"] == "FIELD_INVALID"


def test_a_box_without_a_pack_says_how_to_get_one(tmp_path, people):
    done = evaluate(tmp_path / "home", "verification", str(people))
    assert done.code == 2
    assert done.json()["error"]["reason"] == "PACK_MISSING"
    assert "models pull" in done.json()["error"]["message"]


@pytest.mark.models
def test_the_report_of_a_folder_is_one_page_with_the_figures_of_the_commands(home, people, tmp_path):
    page = tmp_path / "report.html"
    arguments = ("report", str(people), "-o", str(page), "--spoiled-photos", "1", "--seed", "3", "--json")
    found = run_command("doorwardd", *arguments, home=home).json()
    told = found["verification"]["report"]
    assert told.keys() == VERIFICATION_KEYS
    alone = evaluate(home, "verification", str(people)).json()
    assert {**told, "images_per_s": 0} == {**alone, "images_per_s": 0}
    assert found["provenance"]["command"] == f"doorwardd {' '.join(arguments)}"
    assert all(len(sha256) == 64 for sha256 in found["provenance"]["models"].values())
    assert found["quality"]["n_photos"] == 1
    assert found["quality"]["n_copies"] == len(found["quality"]["cells"]) >= 40
    assert found["discard"]["n_pairs"] > 0
    assert found["liveness"] is None
    assert any(remark.startswith("liveness") for remark in found["remarks"])
    written = page.read_text("utf-8")
    assert written.startswith("<!doctype html>")
    assert found["provenance"]["embedding_id"] in written


@pytest.mark.models
def test_a_report_of_nothing_says_how_the_folder_is_to_be_laid_out(home, tmp_path):
    (tmp_path / "somebody").mkdir()
    failed = run_command("doorwardd", "report", str(tmp_path), "--json", home=home)
    assert failed.code == 2
    assert "DIR/person/photo" in failed.json()["error"]["message"]


@pytest.mark.models
def test_a_report_that_cannot_be_written_fails_before_it_is_measured(home, people, tmp_path):
    failed = run_command("doorwardd", "report", str(people), "-o", str(tmp_path / "no" / "page.html"), home=home)
    assert failed.code == 2
    assert "--output" in failed.stderr


@pytest.mark.models
def test_looks_at_one_track_are_measured_on_photos_and_a_film(home, people):
    report = evaluate(home, "tracks", str(people), "--film", "demo").json()
    assert (report["n_images"], report["n_good"] >= 4) == (6, True)
    assert report["one_person"]["n"] >= 6
    assert report["one_person"]["wrong_at_same"]["share"] == 0.0
    assert report["two_persons"]["wrong_at_same"]["share"] == 0.0
    assert report["portraits"] is None
    (film,) = report["films"]
    assert (film["film"], film["splits"], film["splits_each_frame"]) == ("demo", [], [])
    assert film["a_frame_apart"]["n"] > 50
    assert film["a_frame_apart"]["wrong_at_same"]["share"] == 0.0


@pytest.mark.models
def test_a_film_that_is_not_there_is_named(home, people):
    answer = evaluate(home, "tracks", str(people), "--film", "no-such-film.mp4")
    assert answer.code == 2
    assert answer.json()["error"]["reason"] == "FIELD_INVALID"
    assert "no-such-film.mp4" in answer.json()["error"]["message"]
