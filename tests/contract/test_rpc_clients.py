"""The Python clients against the contract as the daemon serves it."""

import asyncio

from doorward_client import DoorwardClient
from doorward_client.aio import DoorwardClient as AsyncClient
from doorward_daemon.journal import EventDraft
from doorward_daemon.rpc import RpcSettings
from doorward_testing.journals import JournalSite
from doorward_testing.rpc_rooms import PICTURE
from doorward_testing.rpc_stage import open_stage, until

QUICK = RpcSettings(grace_s=1.0, heartbeat_s=0.1)


def write(journal, count):
    journal.append_many([EventDraft("test.counted", {}) for _ in range(count)])


async def test_a_reader_of_the_record_does_not_notice_that_the_daemon_was_restarted(tmp_path):
    (tmp_path / "journal").mkdir()
    site = JournalSite(tmp_path / "journal")
    found: list[int] = []

    async def follow(target):
        async with AsyncClient(target) as client:
            async for response in client.watch_events():
                if response.HasField("event"):
                    found.append(response.event.seq)
                if len(found) == 30:
                    return

    async with open_stage(tmp_path, QUICK, site) as stage:
        write(stage.journal, 10)
        following = asyncio.create_task(follow(f"unix:{stage.folders.run}/viewer.sock"))
        await until(lambda: len(found) == 10)
    with site.open() as journal:
        write(journal, 10)
    async with open_stage(tmp_path, QUICK, site) as stage:
        write(stage.journal, 10)
        async with asyncio.timeout(30):
            await following
    assert found == list(range(1, 31))


async def test_both_clients_judge_frames_of_their_own(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage:
        target = f"unix:{stage.folders.run}/operator.sock"

        def blocking():
            with DoorwardClient(target) as client:
                return [answer.WhichOneof("message") for answer in client.identify_stream([PICTURE])]

        async with AsyncClient(target) as client:
            answers = [
                answer.WhichOneof("message") async for answer in client.identify_stream([PICTURE], door_id="front")
            ]
        assert answers == ["view"]
        assert await asyncio.to_thread(blocking) == ["view"]


async def test_doors_cameras_punches_and_the_uplink_answer(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, AsyncClient(f"unix:{stage.folders.run}/operator.sock") as client:
        assert [door.door_id async for door in client.list_doors()] == ["front"]
        assert [camera.camera_id async for camera in client.list_cameras(page_size=1)] == ["gate", "yard"]
        assert (await client.get_snapshot("gate")).view.jpeg
        assert (await client.open_door("front", duration_s=0.5)).event.seq == 1
        assert (await client.punch(PICTURE)).event.seq == 2
        assert [event.seq async for event in client.list_events(page_size=1)] == [1, 2]
        assert (await client.get_uplink_status()).unsent_events == 3
