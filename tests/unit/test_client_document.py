"""Messages as JSON documents."""

import json

from doorward_api.v1.decision_pb2 import Outcome
from doorward_api.v1.device_service_pb2 import GetStatusResponse, ListPacksResponse
from doorward_api.v1.recognition_service_pb2 import IdentifyResponse
from doorward_client import document_of
from doorward_client.document import code_of
from doorward_testing import sample_answers


def test_enum_values_lose_their_prefix_and_nothing_else_does():
    response = IdentifyResponse(identification=sample_answers.MATCHED)
    response.identification.match.display_name = "OUTCOME_MATCHED"
    document = document_of(response)["identification"]
    assert document["outcome"] == "MATCHED"
    assert document["match"]["display_name"] == "OUTCOME_MATCHED"
    assert document["face"]["quality"]["reasons"] == ["BLUR", "TOO_DARK"]
    assert document["face"]["quality"]["guidance"] == ["HOLD_STILL", "MORE_LIGHT"]
    assert document["face"]["liveness"]["verdict"] == "LIVE"
    assert document["explanation"]["rule"] == "THRESHOLD_AND_MARGIN"


def test_64_bit_integers_are_numbers_to_their_last_digit():
    packs = document_of(ListPacksResponse(packs=[sample_answers.COMPACT]))
    assert packs["packs"][0]["models"][0]["size_bytes"] == sample_answers.BEYOND_DOUBLE
    assert document_of(sample_answers.STATUS)["gallery"]["revision"] == sample_answers.BEYOND_DOUBLE


def test_fields_at_their_default_are_there_and_absent_ones_are_not():
    document = document_of(GetStatusResponse())
    assert document == {
        "state": "UNSPECIFIED",
        "problems": [],
        "resident_memory_bytes": 0,
        "pack": "",
        "embedding_id": "",
    }
    assert (
        "comparison_score" not in document_of(IdentifyResponse(identification={"match": {}}))["identification"]["match"]
    )


def test_single_precision_numbers_are_short():
    text = json.dumps(document_of(sample_answers.FEATURE))
    assert '"feature": [0.1, -0.25, 1.0]' in text


def test_moments_are_rfc_3339_and_durations_seconds():
    document = document_of(sample_answers.STATUS)
    assert document["start_time"] == "2026-03-04T05:06:07.500Z"
    assert document["uptime"] == "90.500s"


def test_a_value_that_only_a_newer_daemon_knows_stays_a_number():
    assert document_of(IdentifyResponse(identification={"outcome": 99}))["identification"]["outcome"] == 99
    assert code_of(Outcome.DESCRIPTOR, 99) == "99"
