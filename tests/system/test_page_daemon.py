"""The page in front of the daemon's own servicers."""

import base64

import pytest

from doorward_client import Target
from doorward_daemon.journal import EventDraft
from doorward_kiosk.server import open_kiosk
from doorward_kiosk.settings import KioskSettings
from doorward_testing.board_reader import read_board
from doorward_testing.rpc_site import JPEG
from doorward_testing.rpc_stage import open_stage, until

SETTINGS = KioskSettings(port=0, poll_s=0.05, idle_poll_s=0.1, retry_s=0.05, max_retry_s=0.1)


@pytest.fixture
async def stage(tmp_path):
    async with open_stage(tmp_path) as stage:
        yield stage


@pytest.mark.parametrize(("role", "picture"), [("operator", JPEG), ("viewer", b"")])
async def test_an_operators_page_has_pictures_and_a_viewers_has_boxes_only(stage, role, picture):
    target = Target(f"unix:{stage.folders.run / role}.sock")
    async with open_kiosk(target, SETTINGS) as url, read_board(url) as board:
        await board.until(lambda topics: topics["cameras"]["cameras"])
        await until(lambda: stage.cameras.watchers == 2)  # the lost one, too
        stage.cameras.show(3)
        view = (await board.until(lambda topics: topics["view:gate"]["tracks"]))["view:gate"]
    assert base64.b64decode(view["jpeg"]) == picture
    assert view["tracks"][0]["guidance"] == ["COME_CLOSER"]
    assert view["tracks"][0]["display_name"] == "Ada Lovelace"


@pytest.mark.parametrize(("role", "scores"), [("operator", True), ("viewer", False)])
async def test_decisions_carry_scores_for_operators_only(stage, role, scores):
    facts = {"door_id": "front", "outcome": "MATCHED", "reason": "IDENTIFIED", "similarity": 0.93}
    stage.journal.append(EventDraft("access.granted", facts))
    target = Target(f"unix:{stage.folders.run / role}.sock")
    async with open_kiosk(target, SETTINGS) as url, read_board(url) as board:
        await board.until(lambda topics: len(topics["decisions"]["decisions"]) == 1)
        stage.journal.append(EventDraft("access.denied", {**facts, "reason": "STALE"}))
        known = await board.until(lambda topics: len(topics["decisions"]["decisions"]) == 2)
    newest, oldest = known["decisions"]["decisions"]
    assert (newest["reason"], oldest["reason"]) == ("STALE", "IDENTIFIED")
    assert ("similarity" in newest, "similarity" in oldest) == (scores, scores)


async def test_doors_cameras_and_uplink_are_the_daemons(stage):
    target = Target(f"unix:{stage.folders.run}/operator.sock")
    async with open_kiosk(target, SETTINGS) as url, read_board(url) as board:
        known = await board.until(lambda topics: topics["uplink"] and topics["doors"] and topics["cameras"])
    assert known["uplink"]["unsent_events"] == 3
    assert known["doors"]["doors"][0]["display_name"] == "Front door"
    assert [camera["state"] for camera in known["cameras"]["cameras"]] == ["STREAMING", "LOST"]
