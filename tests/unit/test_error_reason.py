"""The reasons of failure are the same in the daemon, on the wire and in the table of status codes."""

import grpc
import pytest

from doorward_api.v1 import error_reason_pb2
from doorward_daemon.errors import ErrorReason, Overloaded
from doorward_daemon.rpc.status import CODES, status_of
from doorward_testing.contract import comment_of


def test_the_daemons_reasons_are_the_contracts():
    wire = {name.removeprefix("ERROR_REASON_") for name in error_reason_pb2.ErrorReason.keys()}  # noqa: SIM118
    assert {reason.value for reason in ErrorReason} == wire - {"UNSPECIFIED"}


@pytest.mark.parametrize("reason", ErrorReason)
def test_every_reason_has_the_code_that_its_comment_promises(reason):
    promised = comment_of(f"doorward_api.v1.ErrorReason.ERROR_REASON_{reason.value}").rsplit(" ", 1)[1].rstrip(".")
    assert CODES[reason].name == promised
    assert CODES[reason] is not grpc.StatusCode.OK


def test_metadata_of_an_error_never_hides_the_request_id():
    status = status_of(Overloaded(ErrorReason.OVERLOADED, "x", metadata={"request_id": "forged"}), "true-id")
    assert b"true-id" in status.SerializeToString()
    assert b"forged" not in status.SerializeToString()
