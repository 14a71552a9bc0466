"""`doorward-kiosk` as a process."""

import asyncio
import re
import signal
import socket
import subprocess
import sys

import aiohttp
import pytest

KIOSK = (sys.executable, "-m", "doorward_kiosk")
pytestmark = pytest.mark.system


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_page_serves_without_a_daemon_and_stops_cleanly_with_a_browser_in_front(number, tmp_path):
    process = await asyncio.create_subprocess_exec(
        *(*KIOSK, "serve", "--port", "0", "--target", f"unix:{tmp_path}/none.sock"), stderr=asyncio.subprocess.PIPE
    )
    told = (await process.stderr.readline()).decode()
    url = re.search(r"http://127\.0\.0\.1:\d+", told).group()
    async with aiohttp.ClientSession() as session, session.get(f"{url}/board") as stream:
        await stream.content.readline()
        process.send_signal(number)
        async with asyncio.timeout(5):
            assert await process.wait() == 0
    assert b"Traceback" not in await process.stderr.read()


@pytest.mark.parametrize(
    "typed",
    [
        [],
        ["serve", "--port", "70000"],
        ["serve", "--port", "x"],
        ["serve", "--host", "0.0.0.0"],
        ["serve", "--target", "example.com:8322"],
    ],
)
def test_what_cannot_work_ends_with_two_and_a_sentence(typed):
    answer = subprocess.run([*KIOSK, *typed], capture_output=True, text=True, check=False, timeout=30)
    assert answer.returncode == 2
    assert answer.stderr.strip()
    assert "Traceback" not in answer.stderr


def test_a_port_that_is_taken_ends_with_two():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        answer = subprocess.run(
            [*KIOSK, "serve", "--port", port], capture_output=True, text=True, check=False, timeout=30
        )
    assert answer.returncode == 2
    assert "LISTENER_UNAVAILABLE" in answer.stderr
    assert "Traceback" not in answer.stderr
