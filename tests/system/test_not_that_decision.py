"""An operator says of a decision on record that it was somebody else: that look-alike is not named any more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doorward_api.v1.subject_pb2 import REFERENCE_KIND_NEGATIVE, REFERENCE_KIND_POSITIVE
from doorward_client import DoorwardClient, Forbidden
from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.pictures import astronaut, look_alike, save

pytestmark = [pytest.mark.system, pytest.mark.models]

QUIET = {
    "DOORWARD__RECOGNITION__LIVENESS": "off",
    "DOORWARD__RPC__ANSWER_CACHE_S": "0",
    # The disk of a busy test machine may take its time.
    "DOORWARD__JOURNAL__APPEND_TIMEOUT_MS": "30000",
}


@pytest.fixture
def home(any_pack: InstalledPack, tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    give_pack(home, any_pack)
    return home


@pytest.fixture
def daemon(home: Path, tmp_path: Path) -> Iterator[RunningDaemon]:
    with RunningDaemon(home, **QUIET) as running:
        enrol(running, tmp_path)
        yield running


def enrol(daemon: RunningDaemon, folder: Path, subject_id: str = "ada") -> None:
    answer = daemon.client("enrol", "--id", subject_id, str(save(astronaut(), folder / "enrolled.png")), "--json")
    assert answer.code == 0, answer.stdout + answer.stderr


def stranger(folder: Path, brightness: float = 1.0) -> Path:
    return save(look_alike(brightness), folder / "look-alike.png")


def herself(folder: Path) -> Path:
    return save(astronaut(brightness=0.9), folder / "herself.png")


def punch(daemon: RunningDaemon, picture: Path) -> int:
    """Has a picture punched in; gives the number of the event."""
    answer = daemon.client("punch", str(picture), "--in", "--json")
    assert answer.code == 0, answer.stdout + answer.stderr
    return int(answer.json()["event"]["seq"])


def rule_out(daemon: RunningDaemon, seq: int, subject_id: str = "ada") -> dict[str, Any]:
    answer: dict[str, Any] = daemon.client(
        "subjects", "not-this-person", subject_id, "--event", str(seq), "--json"
    ).json()
    return answer


def identify(daemon: RunningDaemon, picture: Path) -> dict[str, Any]:
    answer = daemon.client("identify", str(picture), "--json")
    assert answer.code == 0, answer.stdout + answer.stderr
    found: dict[str, Any] = answer.json()["identification"]
    return found


def reason(answer: dict[str, Any]) -> str:
    return str(answer["error"]["reason"])


def test_the_look_alike_of_a_decision_is_not_named_any_more_and_the_subject_still_is(
    daemon: RunningDaemon, tmp_path: Path
):
    seq = punch(daemon, stranger(tmp_path))
    said = rule_out(daemon, seq)
    assert said["reference"]["kind"] == "NEGATIVE"
    ruled_out = identify(daemon, stranger(tmp_path, brightness=0.9))
    assert ruled_out["outcome"] in ("UNKNOWN", "AMBIGUOUS")
    assert "match" not in ruled_out
    assert identify(daemon, herself(tmp_path))["match"]["subject_id"] == "ada"
    events = daemon.client("events", "list", "--json").json()["events"]
    assert [event["kind"] for event in events if event["kind"].startswith("subject.")] == ["subject.enrolled"] * 2


def test_a_decision_that_is_not_there_or_names_somebody_else_or_was_no_decision_is_refused_by_its_own_reason(
    daemon: RunningDaemon, tmp_path: Path
):
    seq = punch(daemon, stranger(tmp_path))
    created = daemon.client("enrol", "--id", "bob", "--allow-duplicate", str(herself(tmp_path)), "--json")
    assert created.code == 0, created.stdout + created.stderr
    assert reason(rule_out(daemon, seq, "bob")) == "DECISION_OF_ANOTHER"
    assert reason(rule_out(daemon, 10_000)) == "EVENT_NOT_FOUND"
    assert reason(rule_out(daemon, 1)) == "EVENT_NOT_FOUND"
    assert reason(rule_out(daemon, seq, "nobody")) == "SUBJECT_NOT_FOUND"


def test_who_may_not_enrol_may_not_say_it(daemon: RunningDaemon, tmp_path: Path):
    seq = punch(daemon, stranger(tmp_path))
    with DoorwardClient(f"unix:{daemon.home}/run/operator.sock") as operator, pytest.raises(Forbidden) as refused:
        operator.rule_out_decision("ada", seq)
    assert refused.value.reason == "ROLE_NOT_ALLOWED"


def test_of_a_decision_at_a_door_the_fused_face_is_ruled_out_and_a_repeated_request_does_it_once(
    home: Path, tmp_path: Path
):
    (home / "doorward.toml").write_text(
        '[[doors]]\ndoor_id = "main"\npolicy = {liveness = "off", disk_wait_ms = 5000}\n', "utf-8"
    )
    with RunningDaemon(home, **QUIET) as daemon:
        enrol(daemon, tmp_path)
        with DoorwardClient(f"unix:{daemon.home}/run/enroller.sock") as client:
            seq, name = at_the_door(client, stranger(tmp_path))
            assert name == "ada"
            said = [client.rule_out_decision("ada", seq, request_id="once") for _ in range(2)]
            assert said[0] == said[1]
            kinds = [reference.kind for reference in client.get_subject("ada").subject.references]
            assert sorted(kinds) == [REFERENCE_KIND_POSITIVE, REFERENCE_KIND_NEGATIVE]
            assert at_the_door(client, stranger(tmp_path, brightness=0.9))[1] == ""
            assert at_the_door(client, herself(tmp_path))[1] == "ada"
        # An operator's opening is on record as access granted, too, and is about nobody's face.
        opened = daemon.client("door", "open", "main", "--json")
        assert opened.code == 0, opened.stdout + opened.stderr
        assert reason(rule_out(daemon, int(opened.json()["event"]["seq"]))) == "EVENT_NOT_FOUND"


def at_the_door(client: DoorwardClient, picture: Path) -> tuple[int, str]:
    """Shows the door a person until it decides; gives the event, and whom it named."""
    frames = [picture.read_bytes()] * 8
    for answer in client.identify_stream(frames, door_id="main"):
        if answer.HasField("decision"):
            return answer.decision.event.seq, answer.decision.identification.match.subject_id
    raise AssertionError("nothing was decided")


def test_with_the_subject_everything_is_erased_that_was_remembered(daemon: RunningDaemon, tmp_path: Path):
    seq = punch(daemon, stranger(tmp_path))
    assert daemon.client("subjects", "erase", "ada", "--json").code == 0
    enrol(daemon, tmp_path)
    assert reason(rule_out(daemon, seq)) == "DECISION_FORGOTTEN"


def test_a_decision_is_forgotten_after_its_time_and_behind_newer_ones(home: Path, tmp_path: Path):
    with RunningDaemon(home, DOORWARD__DECISION_MEMORY__MAX_DECISIONS="1", **QUIET) as daemon:
        enrol(daemon, tmp_path)
        first, second = (punch(daemon, stranger(tmp_path)) for _ in range(2))
        assert reason(rule_out(daemon, first)) == "DECISION_FORGOTTEN"
        assert "error" not in rule_out(daemon, second)
    with RunningDaemon(home, DOORWARD__DECISION_MEMORY__KEEP_MIN="0.0001", **QUIET) as daemon:
        # A new start remembers nothing of the one before, and what was said there stands.
        assert reason(rule_out(daemon, second)) == "DECISION_FORGOTTEN"
        # Six milliseconds: they are over before another process can ask.
        late = punch(daemon, herself(tmp_path))
        assert reason(rule_out(daemon, late)) == "DECISION_FORGOTTEN"
