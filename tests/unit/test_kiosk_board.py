"""What browsers are told: the newest of everything, never a queue."""

import asyncio
import subprocess
import sys

import pytest

from doorward_client.errors import Conflict, Unreachable
from doorward_kiosk.backoff import Backoff
from doorward_kiosk.board import Board, TooManyWatchersError
from doorward_kiosk.settings import KioskSettings


async def test_a_browser_begins_with_everything_that_is_known():
    board = Board(2)
    board.put("link", {"state": "CONNECTED"})
    board.put("doors", {"doors": []})
    with board.watch() as watcher:
        assert await watcher.take(1.0) == {"link": {"state": "CONNECTED"}, "doors": {"doors": []}}


async def test_a_browser_that_reads_slowly_gets_the_newest_and_no_backlog():
    board = Board(2)
    with board.watch() as watcher:
        for number in range(1000):
            board.put("view:gate", {"frame_number": number})
        assert await watcher.take(1.0) == {"view:gate": {"frame_number": 999}}
        assert await watcher.take(0.01) == {}


async def test_what_was_told_is_not_told_again():
    board = Board(2)
    with board.watch() as watcher:
        board.put("doors", {"doors": []})
        await watcher.take(1.0)
        board.put("link", {"state": "ABSENT"})
        assert await watcher.take(1.0) == {"link": {"state": "ABSENT"}}


async def test_what_did_not_change_is_told_to_nobody():
    board = Board(2)
    board.put("doors", {"doors": []})
    with board.watch() as watcher:
        await watcher.take(1.0)
        board.put("doors", {"doors": []})
        assert await watcher.take(0.01) == {}


async def test_what_is_forgotten_is_told_once_and_not_to_those_who_come_later():
    board = Board(2)
    board.put("view:gate", {"frame_number": 1})
    with board.watch() as watcher:
        await watcher.take(1.0)
        board.drop("view:gate")
        assert await watcher.take(1.0) == {"view:gate": None}
    with board.watch() as watcher:
        assert await watcher.take(0.01) == {}


async def test_the_board_knows_whether_anybody_looks():
    board = Board(2)
    with board.watch():
        with board.watch():
            assert board.watched.is_set()
        assert board.watched.is_set()
    assert not board.watched.is_set()


async def test_there_are_only_so_many_places():
    board = Board(1)
    with board.watch(), pytest.raises(TooManyWatchersError), board.watch():
        pass
    with board.watch():
        await asyncio.sleep(0)


def test_waits_double_up_to_the_longest_and_begin_anew_after_a_success():
    backoff = Backoff(KioskSettings(retry_s=0.5, max_retry_s=2.0))
    gone = Unreachable("UNREACHABLE", "nobody answers")
    for longest in (0.5, 1.0, 2.0, 2.0, 2.0):
        assert longest / 2 <= backoff.wait_s(gone) <= longest
    backoff.reset()
    assert backoff.wait_s(gone) <= 0.5


def test_a_method_that_is_not_served_is_asked_for_seldom():
    settings = KioskSettings()
    assert Backoff(settings).wait_s(Conflict("UNIMPLEMENTED", "no")) == settings.absent_rpc_retry_s


def test_the_page_never_loads_the_daemon():
    script = "import doorward_kiosk.__main__, sys; print([name for name in sys.modules if 'doorward_daemon' in name])"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
