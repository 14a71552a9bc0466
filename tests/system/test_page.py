"""The page over real HTTP, in front of a real gRPC server."""

import asyncio
import socket

import aiohttp
import pytest

from doorward_api.v1.access_pb2 import DoorState
from doorward_api.v1.decision_pb2 import Outcome
from doorward_client import Target
from doorward_client.errors import Conflict
from doorward_kiosk.server import open_kiosk
from doorward_kiosk.settings import KioskSettings
from doorward_testing.board_reader import read_board
from doorward_testing.page_daemon import PageDaemon, small_jpeg, track
from doorward_testing.rpc_stage import until

SETTINGS = KioskSettings(port=0, poll_s=0.05, idle_poll_s=0.1, retry_s=0.05, max_retry_s=0.1, absent_rpc_retry_s=0.1)


@pytest.fixture
def daemon(tmp_path):
    return PageDaemon(tmp_path / "operator.sock")


@pytest.fixture
async def page(daemon):
    async with open_kiosk(Target(daemon.target), SETTINGS) as url:
        yield url


def link_is(state):
    return lambda topics: topics["link"]["state"] == state


async def test_the_page_starts_without_a_daemon_and_says_so(page):
    async with read_board(page) as board:
        known = await board.until(link_is("ABSENT"))
    assert known["link"]["problem"]["reason"] == "UNREACHABLE"
    assert "doorwardd serve" in known["link"]["problem"]["message"]


async def test_the_page_is_well_while_the_daemon_is_not(page):
    async with aiohttp.ClientSession() as session, session.get(f"{page}/healthz") as answer:
        assert answer.status == 200
        assert (await answer.json())["status"] == "ok"


async def test_a_browser_that_stays_open_sees_the_daemon_come_go_and_come_back(page, daemon):
    async with read_board(page) as board:
        await board.until(link_is("ABSENT"))
        async with daemon:
            await board.until(link_is("CONNECTED"))
            await daemon.show(track())
            await board.until(lambda topics: topics["view:gate"]["frame_number"] == 1)
        await board.until(link_is("ABSENT"))
        await daemon.record("access.granted", display_name="Ada")  # while nobody looked
        async with daemon:
            await board.until(link_is("CONNECTED"))
            await daemon.show(track())
            await board.until(lambda topics: topics["view:gate"]["frame_number"] == 2)
            await board.until(lambda topics: topics["decisions"]["decisions"][0]["display_name"] == "Ada")


async def test_a_view_has_its_own_picture_its_boxes_and_what_to_do(page, daemon):
    async with daemon, read_board(page) as board:
        await daemon.show(track(), jpeg=small_jpeg(33))
        view = (await board.until(lambda topics: topics["view:gate"]["tracks"]))["view:gate"]
    assert view["jpeg"].startswith("/9j/")
    assert view["tracks"][0]["box"] == [220, 110, 420, 370]
    assert view["tracks"][0]["guidance"] == ["COME_CLOSER"]
    assert view["tracks"][0]["outcome"] == "UNSPECIFIED"


async def test_decisions_are_shown_newest_first_history_and_live(page, daemon):
    await daemon.record("access.denied", reason="UNKNOWN_PERSON", outcome="UNKNOWN", door_id="front")
    async with daemon, read_board(page) as board:
        await board.until(lambda topics: len(topics["decisions"]["decisions"]) == 1)
        await daemon.record("access.granted", reason="IDENTIFIED", outcome="MATCHED", display_name="Ada", epoch="x")
        await daemon.record("device.self_tested", passed=True)
        await daemon.record("access.granted", reason="OPERATOR", role="operator")
        known = await board.until(lambda topics: len(topics["decisions"]["decisions"]) == 3)
    decisions = known["decisions"]["decisions"]
    assert [one["reason"] for one in decisions] == ["OPERATOR", "IDENTIFIED", "UNKNOWN_PERSON"]
    assert decisions[1]["epoch"] == str(2**62 + 1)


async def test_a_payload_that_nobody_can_read_costs_the_details_only(page, daemon):
    await daemon.record("access.granted")
    daemon.events[0].payload_json = "{not json"
    async with daemon, read_board(page) as board:
        known = await board.until(lambda topics: topics["decisions"]["decisions"])
    assert known["decisions"]["decisions"][0]["kind"] == "access.granted"


async def test_doors_uplink_and_device_are_told_as_they_change(page, daemon):
    async with daemon, read_board(page) as board:
        known = await board.until(lambda topics: topics["doors"]["doors"][0]["state"] == "LOCKED" and topics["uplink"])
        assert known["doors"]["doors"][0]["liveness_policy"] == "off"
        assert known["uplink"]["unsent_events"] == 12
        assert known["status"]["runtime"]["actual_device"] == "cpu"
        assert known["info"]["device_id"] == "gate-7"
        daemon.doors[0].state = DoorState.DOOR_STATE_UNLOCKED
        await board.until(lambda topics: topics["doors"]["doors"][0]["state"] == "UNLOCKED")


async def test_of_an_older_daemon_the_page_shows_what_it_serves(tmp_path):
    old = PageDaemon(tmp_path / "operator.sock", whole=False)
    async with old, open_kiosk(Target(old.target), SETTINGS) as url, read_board(url) as board:
        known = await board.until(lambda topics: link_is("CONNECTED")(topics) and topics["decisions"]["problem"])
    assert [topic for topic in ("cameras", "doors", "uplink") if known[topic]["unserved"]] == [
        "cameras",
        "doors",
        "uplink",
    ]
    assert known["decisions"]["problem"]["reason"] == "UNIMPLEMENTED"
    assert known["status"]["pack"] == "compact"


async def test_pictures_are_asked_for_only_while_somebody_looks_and_none_is_kept(page, daemon):
    async with daemon:
        await daemon.show(track(Outcome.OUTCOME_MATCHED, "Ada"))
        async with read_board(page) as board:
            await board.until(lambda topics: topics["view:gate"])
            assert daemon.watching_cameras == 1
        # A stream that is given up is noticed with its next view.
        async with asyncio.timeout(10):
            while daemon.watching_cameras:
                await daemon.show()
                await asyncio.sleep(0.02)
        async with read_board(page) as board:
            known = await board.until(lambda topics: "cameras" in topics)
            assert known.get("view:gate") is None


async def test_a_camera_that_leaves_the_configuration_leaves_the_page(page, daemon):
    async with daemon, read_board(page) as board:
        await daemon.show(track())
        await board.until(lambda topics: topics["view:gate"])
        daemon.cameras.clear()
        await board.until(lambda topics: topics["view:gate"] is None)
        await until(lambda: daemon.watching_cameras == 0)


async def test_more_browsers_than_places_are_asked_to_come_back(daemon):
    settings = KioskSettings(port=0, max_watchers=1)
    async with (
        open_kiosk(Target(daemon.target), settings) as url,
        aiohttp.ClientSession() as session,
        read_board(url) as board,
    ):
        await board.until(lambda topics: topics["link"])
        async with session.get(f"{url}/board") as refused:
            assert refused.status == 503
            assert refused.headers["Retry-After"] == "5"


@pytest.mark.parametrize("path", ["/", "/page.js", "/board", "/words.json", "/healthz", "/nothing"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "192.168.0.7:8323", "localhost@evil"])
async def test_another_host_is_refused_everywhere(page, path, host):
    async with aiohttp.ClientSession() as session, session.get(f"{page}{path}", headers={"Host": host}) as answer:
        assert answer.status == 421
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_another_site_may_not_read_the_page_in_the_background(page):
    across = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{page}/board", headers=across) as answer:
            assert answer.status == 403
        async with session.get(f"{page}/", headers={**across, "Sec-Fetch-Mode": "navigate"}) as answer:
            assert answer.status == 200


async def test_every_answer_carries_the_strict_policy_and_nothing_is_stored(page):
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/page.js", "/page.css", "/words.json", "/nothing"):
            async with session.get(f"{page}{path}", headers={"Host": "localhost:8323"}) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "script-src 'self'" in policy
                assert "unsafe" not in policy
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_changed_through_the_page(page, method):
    async with aiohttp.ClientSession() as session, session.request(method, f"{page}/board") as answer:
        assert answer.status == 405


async def test_a_port_that_is_taken_is_one_clear_refusal(daemon):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(Conflict, match=f"127.0.0.1:{port}: the port of the page cannot be opened"):
            async with open_kiosk(Target(daemon.target), KioskSettings(port=port)):
                pass
