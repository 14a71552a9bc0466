"""Whatever a centre says, the journal keeps what it has, and a good centre gets it in the end."""

from dataclasses import replace

import pytest

from doorward_api.v1 import uplink_pb2
from doorward_central.serving import open_centre
from doorward_daemon.uplink import UplinkState
from doorward_sync.chunk_rule import digest_of
from doorward_sync.gallery_messages import SubjectRecord
from doorward_sync.wire_stream import to_wire_response
from doorward_testing.centre_site import Device, centre_settings, free_address, in_order_once, stored_events, until
from doorward_testing.fleet_centre import Centre
from doorward_testing.journals import JournalSite, draft
from doorward_testing.nonsense_centre import LEDGER, Response, greeting, nonsense_centre

pytestmark = pytest.mark.system


def _after_greeting(*answers: Response):
    def script(request):
        if request.HasField("hello"):
            return [greeting()]
        return answers if request.HasField("batch") else []

    return script


NONSENSE = {
    "an empty message": lambda request: [Response()],
    "an unknown lane": _after_greeting(Response(ack=uplink_pb2.Ack(session_id="s", lane=7, through_seq=1))),
    "more than was sent": _after_greeting(Response(ack=uplink_pb2.Ack(session_id="s", lane=LEDGER, through_seq=9))),
    "back to what was never sent": _after_greeting(
        Response(rewind=uplink_pb2.Rewind(session_id="s", lane=LEDGER, from_seq=77))
    ),
    "another protocol": lambda request: [Response(hello_ack=uplink_pb2.HelloAck(protocol=9, session_id="s"))],
    "two greetings": lambda request: [greeting(), greeting()],
    "a conflict that cannot be": _after_greeting(
        Response(conflict=uplink_pb2.Conflict(session_id="s", lane=LEDGER, seq=55))
    ),
}


@pytest.mark.parametrize("said", NONSENSE)
async def test_nonsense_is_counted_and_the_queue_goes_on(said, tmp_path):
    address = free_address()
    with JournalSite(tmp_path / "device").open() as journal:
        journal.append_many([draft(number) for number in range(3)])
        async with Device(journal, address).connected() as uplink:
            async with nonsense_centre(address, NONSENSE[said]):
                await until(lambda: uplink.report().alarms.get("protocol_error", 0) >= 2)
                assert journal.outbox().unacknowledged == 3
                journal.append(draft(3))
            async with open_centre(tmp_path / "centre", centre_settings(address)):
                await until(lambda: journal.outbox().unacknowledged == 0)
                assert in_order_once(await stored_events(tmp_path / "centre")) == [1, 2, 3, 4]


def _chunk(**spoiled: object) -> Response:
    """A gallery of one subject in one chunk that is right, but for what is spoiled."""
    (made,) = Centre().chunks(SubjectRecord(subject_id="anna", version=1))
    return to_wire_response(replace(made, **spoiled))


CHUNKS = {
    "out of order": ({"number": 3}, uplink_pb2.GALLERY_CHUNK_PROBLEM_OUT_OF_ORDER),
    "of another revision": (
        {"from_revision": 7, "after_revision": 7, "through_revision": 8, "to_revision": 8, "subjects": ()},
        uplink_pb2.GALLERY_CHUNK_PROBLEM_WRONG_BASE,
    ),
    "beyond its end": ({"to_revision": 0}, uplink_pb2.GALLERY_CHUNK_PROBLEM_MALFORMED),
    "with another content": ({"chunk_digest": bytes(32)}, uplink_pb2.GALLERY_CHUNK_PROBLEM_CHUNK_DIGEST),
    "of another gallery": ({"digest": bytes(32)}, uplink_pb2.GALLERY_CHUNK_PROBLEM_GALLERY_DIGEST),
    "too large": (
        {"subjects": tuple(SubjectRecord(subject_id=f"s{n}", version=1, display_name="x" * 600_000) for n in "ab")},
        uplink_pb2.GALLERY_CHUNK_PROBLEM_TOO_LARGE,
    ),
    "of too many": ({"number": 10**9}, uplink_pb2.GALLERY_CHUNK_PROBLEM_TOO_MANY),
}


@pytest.mark.parametrize("said", CHUNKS)
async def test_a_chunk_that_does_not_fit_is_refused_by_name_and_counted_and_the_queue_goes_on(said, tmp_path):
    address = free_address()
    spoiled, problem = CHUNKS[said]
    if "subjects" in spoiled:
        spoiled = {**spoiled, "chunk_digest": digest_of(spoiled["subjects"])}
    answers = []

    def script(request):
        if request.HasField("gallery_chunk_result"):
            answers.append(request.gallery_chunk_result)
        return [greeting(), _chunk(**spoiled)] if request.HasField("hello") else []

    with JournalSite(tmp_path / "device").open() as journal:
        journal.append(draft(1))
        device = Device(journal, address)
        async with device.connected() as uplink:
            async with nonsense_centre(address, script):
                await until(lambda: answers != [] and uplink.report().alarms.get("gallery_refused") == 1)
                assert (answers[0].problem, answers[0].revision, device.gallery.names()) == (problem, 0, {})
                assert uplink.report().state is UplinkState.CONNECTED
            async with open_centre(tmp_path / "centre", centre_settings(address)):
                await until(lambda: journal.outbox().unacknowledged == 0)


async def test_a_centre_that_knows_no_chunks_gives_its_gallery_as_before(tmp_path):
    address = free_address()
    delta = to_wire_response(Centre().delta(SubjectRecord(subject_id="anna", version=1, display_name="Anna")))
    answers = []

    def script(request):
        if request.HasField("gallery_delta_result"):
            answers.append(request.gallery_delta_result)
        return [greeting(), delta] if request.HasField("hello") else []

    with JournalSite(tmp_path / "device").open() as journal:
        device = Device(journal, address)
        async with nonsense_centre(address, script), device.connected():
            await until(lambda: answers != [])
    assert (answers[0].revision, answers[0].problem, device.gallery.names()) == (1, "", {"anna": "Anna"})


async def test_an_acknowledgement_of_another_session_changes_nothing(tmp_path):
    address = free_address()
    old = Response(ack=uplink_pb2.Ack(session_id="older", lane=LEDGER, through_seq=1))
    with JournalSite(tmp_path / "device").open() as journal:
        journal.append(draft(1))
        heard = []

        def script(request):
            heard.append(request.WhichOneof("message"))
            return _after_greeting(old, old)(request)

        async with nonsense_centre(address, script), Device(journal, address).connected() as uplink:
            await until(lambda: "batch" in heard and uplink.report().state is UplinkState.CONNECTED)
            assert journal.outbox().unacknowledged == 1


async def test_a_centre_that_is_not_there_costs_nothing_but_attempts(tmp_path):
    with JournalSite(tmp_path / "device").open() as journal:
        async with Device(journal, free_address()).connected() as uplink:
            await until(lambda: uplink.report().attempts >= 3)
            journal.append(draft(1))
            assert uplink.report().state in (UplinkState.BACKING_OFF, UplinkState.CONNECTING)
            assert "UNAVAILABLE" in uplink.report().last_problem
