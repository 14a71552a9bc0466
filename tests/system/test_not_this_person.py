"""An operator says of a picture that it is not X: from then on that look-alike is nobody, until it is taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.pictures import astronaut, save

pytestmark = [pytest.mark.system, pytest.mark.models]


@pytest.fixture
def daemon(any_pack: InstalledPack, tmp_path: Path) -> Iterator[RunningDaemon]:
    home = tmp_path / "home"
    home.mkdir()
    give_pack(home, any_pack)
    with RunningDaemon(home, DOORWARD__RECOGNITION__LIVENESS="off") as running:
        # The enrolled picture is another rendering, so that the look-alike is closer to its own than to this one.
        answer = running.client("enrol", "--id", "ada", str(_rendering(tmp_path, "enrolled", 0.5, 1.15)), "--json")
        assert answer.code == 0, answer.stdout + answer.stderr
        yield running


def _rendering(folder: Path, name: str, scale: float, brightness: float) -> Path:
    return save(astronaut(scale=scale, brightness=brightness), folder / f"{name}.png")


def _identify(daemon: RunningDaemon, picture: Path) -> dict:
    answer = daemon.client("identify", str(picture), "--json")
    assert answer.code == 0, answer.stdout + answer.stderr
    return answer.json()["identification"]


def test_a_look_alike_that_was_ruled_out_is_not_named_until_it_is_taken_back(daemon: RunningDaemon, tmp_path: Path):
    look_alike = _rendering(tmp_path, "look-alike", 0.9, 0.85)
    probe = _rendering(tmp_path, "probe", 0.88, 0.84)
    assert _identify(daemon, probe)["outcome"] == "MATCHED"
    said = daemon.client("subjects", "not-this-person", "ada", str(look_alike), "--json")
    assert said.code == 0, said.stdout + said.stderr
    ruled_out = _identify(daemon, probe)
    assert ruled_out["outcome"] in ("UNKNOWN", "AMBIGUOUS")
    assert "match" not in ruled_out
    assert ruled_out["explanation"]["rule"] in ("NOT_THIS_PERSON", "BELOW_MARGIN")
    subject = daemon.client("subjects", "show", "ada", "--json").json()["subject"]
    kinds = {reference["kind"]: reference["reference_id"] for reference in subject["references"]}
    assert set(kinds) == {"POSITIVE", "NEGATIVE"}
    removed = daemon.client("subjects", "remove-reference", "ada", kinds["NEGATIVE"], "--json")
    assert removed.code == 0, removed.stdout + removed.stderr
    assert _identify(daemon, probe)["outcome"] == "MATCHED"


def test_what_was_ruled_out_is_remembered_over_a_restart_and_erased_with_the_subject(
    any_pack: InstalledPack, tmp_path: Path
):
    home = tmp_path / "home"
    home.mkdir()
    give_pack(home, any_pack)
    enrolled = _rendering(tmp_path, "enrolled", 0.5, 1.15)
    look_alike = _rendering(tmp_path, "look-alike", 0.9, 0.85)
    with RunningDaemon(home, DOORWARD__RECOGNITION__LIVENESS="off") as first:
        assert first.client("enrol", "--id", "ada", str(enrolled), "--json").code == 0
        assert first.client("subjects", "not-this-person", "ada", str(look_alike), "--json").code == 0
    with RunningDaemon(home, DOORWARD__RECOGNITION__LIVENESS="off") as second:
        assert _identify(second, look_alike)["outcome"] in ("UNKNOWN", "AMBIGUOUS")
        assert second.client("subjects", "erase", "ada", "--json").code == 0
        assert second.client("enrol", "--id", "ada", str(enrolled), "--json").code == 0
        assert _identify(second, look_alike)["outcome"] == "MATCHED"
        events = second.client("events", "list", "--json").json()["events"]
    kinds = [event["kind"] for event in events if event["kind"].startswith("subject.")]
    assert kinds == ["subject.enrolled"] * 2 + ["subject.erased", "subject.enrolled"]
