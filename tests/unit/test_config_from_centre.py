"""The centre's configuration on a device: valid as a whole or not taken, and never worse than what was there before."""

from pathlib import Path

import pytest

from doorward_daemon.app.config_desk import ConfigDesk, tried
from doorward_daemon.config import load_settings
from doorward_daemon.config.centre_keeper import CentreKeeper
from doorward_daemon.config.centre_layer import FILE, MOST_TRIES
from doorward_daemon.config.environment import parse_environment
from doorward_daemon.errors import Conflict, ErrorReason, Fault
from doorward_daemon.journal import JournalSettings, open_event_clock, open_journal
from doorward_sync.config_keys import CENTRE_KEYS
from doorward_sync.down_messages import ConfigDocument

GOOD = ConfigDocument(revision=3, text="[recognition]\none_person_at_a_time = true\n")
BETTER = ConfigDocument(revision=4, text="[enrolment]\nmax_references = 4\n")
WRONG = ConfigDocument(revision=5, text="[gate]\nlow_from = 9.0\n[enrolment]\nmax_references = 0\n")


@pytest.fixture
def environment(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "doorward.toml").write_text("[enrolment]\nmax_references = 7\nmin_quality_score = 0.7\n")
    return parse_environment({"DOORWARD_HOME": str(tmp_path)}, tmp_path)


@pytest.fixture
def keeper(environment):
    return CentreKeeper(None, environment, load_settings(None, environment))


def start(environment) -> CentreKeeper:
    """As the daemon does: reads the configuration, then notes the start."""
    keeper = CentreKeeper(None, environment, load_settings(None, environment))
    keeper.begin()
    return keeper


def test_it_lies_over_the_devices_own_file_and_the_environment_wins(keeper, environment, tmp_path):
    result = keeper.apply(BETTER)
    assert (result.revision, result.problem, result.restart_sections) == (4, "", ("enrolment",))
    enrolment = load_settings(None, environment).enrolment
    assert (enrolment.max_references, enrolment.min_quality_score) == (4, 0.7)
    variables = {"DOORWARD_HOME": str(tmp_path), "DOORWARD__ENROLMENT__MAX_REFERENCES": "2"}
    assert load_settings(None, parse_environment(variables, tmp_path)).enrolment.max_references == 2


def test_one_that_does_not_validate_keeps_the_old_one_and_names_every_problem(keeper, environment):
    keeper.apply(GOOD)
    result = keeper.apply(WRONG)
    assert (result.offered_revision, result.revision, result.digest) == (5, 3, GOOD.digest)
    assert "gate.low_from" in result.problem
    assert "enrolment.max_references" in result.problem
    assert keeper.mark() == (3, GOOD.digest)
    assert load_settings(None, environment).recognition.one_person_at_a_time


@pytest.mark.parametrize(
    "text", ['[uplink]\ncentre_address = "evil:1"\n', '[open_set]\nprofile = "/etc/shadow"\n', "[rpc]\n", "no toml ["]
)
def test_what_may_not_come_from_the_centre_is_refused_whole(keeper, text):
    result = keeper.apply(ConfigDocument(revision=1, text=GOOD.text + text))
    assert result.problem
    assert keeper.mark() == (0, b"")


def test_every_key_that_may_come_is_one_there_is_and_none_is_a_path_or_an_address():
    from doorward_daemon.config import Settings

    for section, keys in CENTRE_KEYS.items():
        known = {*getattr(Settings(), section).__dataclass_fields__}
        assert (keys or known) <= known
        for key in keys or known:
            assert not any(word in key for word in ("path", "file", "address", "socket", "group", "profile"))


def test_a_level_of_the_log_counts_at_once_and_needs_no_restart(keeper):
    result = keeper.apply(ConfigDocument(revision=1, text='[log]\nlevel = "DEBUG"\n'))
    assert result.restart_sections == ()
    assert keeper.settings().log.level == "DEBUG"


def test_starts_that_do_not_settle_bring_the_last_good_one_back(environment):
    first = start(environment)
    first.apply(GOOD)
    start(environment).settled()
    start(environment).apply(BETTER)
    for _ in range(MOST_TRIES):
        assert load_settings(None, environment).enrolment.max_references == 4
        start(environment)
    assert load_settings(None, environment).enrolment.max_references == 7
    back = start(environment)
    assert back.mark() == (3, GOOD.digest)
    # The centre offers it again: it is answered from the record, not tried again.
    result = back.apply(BETTER)
    assert (result.revision, "did not stay up" in result.problem) == (3, True)


def test_starts_that_were_stopped_on_purpose_before_they_settled_take_nothing_back(environment):
    start(environment).apply(BETTER)
    for _ in range(MOST_TRIES + 1):
        with tried(CentreKeeper(None, environment, load_settings(None, environment))):
            pass
    assert load_settings(None, environment).enrolment.max_references == 4


def test_a_start_that_a_person_would_have_to_mend_is_mended_by_taking_it_back(environment):
    start(environment).apply(BETTER)
    keeper = CentreKeeper(None, environment, load_settings(None, environment))
    with pytest.raises(Fault), tried(keeper):
        raise Conflict(ErrorReason.PACK_MISSING, "the pack does not fit these settings")
    assert keeper.mark() == (0, b"")
    # Without anything of the centre in trial the error stays what it is: a person has to look.
    with pytest.raises(Conflict), tried(keeper):
        raise Conflict(ErrorReason.PACK_MISSING, "no pack")


def test_a_file_of_the_device_that_no_longer_fits_costs_the_centres_part_and_not_the_start(environment, tmp_path):
    start(environment).apply(ConfigDocument(revision=1, text="[gate]\nmedium_from = 0.75\n"))
    start(environment).settled()
    (tmp_path / "doorward.toml").write_text("[gate]\nhigh_from = 0.7\n")
    assert load_settings(None, environment).gate.medium_from == 0.6


def test_a_flipped_bit_of_the_record_is_noticed_and_the_devices_own_configuration_counts(keeper, environment, tmp_path):
    keeper.apply(BETTER)
    raw = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(raw.replace(b"max_references = 4", b"max_references = 5"))
    assert load_settings(None, environment).enrolment.max_references == 7
    assert keeper.mark() == (0, b"")


def test_what_was_applied_refused_and_taken_back_stands_in_the_ledger_once_each(environment, tmp_path):
    with open_journal(tmp_path / "data", JournalSettings(), open_event_clock()) as journal:
        for _ in range(2):
            desk = ConfigDesk(start(environment), journal)
            desk.settle()
            for document in (GOOD, WRONG):
                desk.apply(document)
        kinds = [event.kind for event in reversed(journal.newest(10))]
        assert kinds == ["config.applied", "config.refused"]
        for _ in range(MOST_TRIES):
            desk = ConfigDesk(start(environment), journal)
            desk.settle()
        assert journal.newest(1)[0].kind == "config.reverted"
