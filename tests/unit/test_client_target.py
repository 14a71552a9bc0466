"""Where a client looks for its daemon."""

from pathlib import Path

import pytest

from doorward_client import InvalidInput, Target
from doorward_client.channel import call_metadata


def test_the_named_target_wins_over_the_home():
    named = Target.from_environment({"DOORWARD_TARGET": "unix:/a/b.sock", "DOORWARD_HOME": "/home"})
    assert named.address == "unix:/a/b.sock"


def test_the_home_of_the_environment_holds_the_operators_socket():
    assert Target.from_environment({"DOORWARD_HOME": "/box"}).address == "unix:/box/run/operator.sock"


def test_a_checkout_is_served_by_its_own_home_and_a_service_by_the_systems(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Target.from_environment({}).address == "unix:/var/lib/doorward/run/operator.sock"
    (tmp_path / ".doorward").mkdir()
    assert Target.from_environment({}).address == "unix:.doorward/run/operator.sock"
    assert Target.from_environment({"DOORWARD_TARGET": ""}).address == "unix:.doorward/run/operator.sock"


def test_the_process_environment_is_read_when_none_is_given(monkeypatch):
    monkeypatch.setenv("DOORWARD_TARGET", "127.0.0.1:99")
    monkeypatch.setenv("DOORWARD_TOKEN", " secret\n")
    assert Target.from_environment() == Target("127.0.0.1:99", "secret")


@pytest.mark.parametrize(
    ("address", "socket"),
    [
        ("unix:/a/b.sock", Path("/a/b.sock")),
        ("unix:///a/b.sock", Path("/a/b.sock")),
        ("unix:run/b.sock", Path("run/b.sock")),
        ("127.0.0.1:1", None),
        ("localhost:65535", None),
        ("[::1]:80", None),
    ],
)
def test_sockets_and_loopback_addresses_are_targets(address, socket):
    assert Target(address).socket == socket


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", "is no target"),
        ("unix:", "names no socket"),
        ("/run/operator.sock", "is no target"),
        ("localhost", "is no target"),
        ("localhost:0", "is no target"),
        ("localhost:65536", "is no target"),
        ("localhost:http", "is no target"),
        (":80", "is no target"),
        ("10.0.0.1:80", "beyond this machine"),
        ("gate.example:80", "beyond this machine"),
        ("unix:/" + "x" * 107, "108 bytes and the system takes 107"),
    ],
)
def test_anything_else_is_refused_with_what_was_expected(address, expected):
    with pytest.raises(InvalidInput, match=expected) as caught:
        Target(address)
    assert caught.value.reason == "TARGET_INVALID"
    assert caught.value.metadata == {"target": address}


def test_the_longest_socket_path_of_the_system_is_taken():
    assert Target("unix:/" + "x" * 106).socket is not None


def test_a_token_is_never_shown():
    assert "secret" not in repr(Target("localhost:1", "secret"))
    with pytest.raises(InvalidInput) as caught:
        Target("localhost:1", "sécret")
    assert "sécret" not in caught.value.message


def test_a_token_goes_over_loopback_and_not_over_a_socket():
    assert ("authorization", "Bearer secret") in call_metadata(Target("localhost:1", "secret"), "id")
    assert call_metadata(Target("unix:/a.sock", "secret"), "id") == (("x-request-id", "id"),)


def test_a_path_reaches_grpc_as_it_is_written():
    assert Target("unix:/a b/c#d?e%20f.sock").uri == "unix:/a%20b/c%23d%3Fe%2520f.sock"


def test_writes_go_to_the_enrollers_socket_beside_the_operators(tmp_path):
    operator = Target(f"unix:{tmp_path}/operator.sock")
    assert operator.for_enroller() == operator
    (tmp_path / "enroller.sock").touch()
    assert operator.for_enroller().address == f"unix:{tmp_path}/enroller.sock"
    assert Target(f"unix:{tmp_path}/viewer.sock").for_enroller().address == f"unix:{tmp_path}/enroller.sock"


def test_a_socket_of_another_name_and_an_address_stay_as_they_are(tmp_path):
    (tmp_path / "enroller.sock").touch()
    for address in (f"unix:{tmp_path}/admin.sock", f"unix:{tmp_path}/own.sock", "localhost:8322"):
        assert Target(address).for_enroller().address == address
