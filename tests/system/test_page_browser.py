"""The page in a real browser."""

import asyncio
import contextlib

import pytest

from doorward_api.v1.access_pb2 import DoorState
from doorward_api.v1.camera_pb2 import Track
from doorward_api.v1.decision_pb2 import Outcome
from doorward_client import Target
from doorward_kiosk.server import open_kiosk
from doorward_kiosk.settings import KioskSettings
from doorward_testing.browser import CHROMIUM, open_browser
from doorward_testing.page_daemon import PageDaemon, small_jpeg, track

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not on this machine")
SETTINGS = KioskSettings(port=0, poll_s=0.05, idle_poll_s=0.1, retry_s=0.05, max_retry_s=0.1, absent_rpc_retry_s=0.1)
GUIDANCE = "document.querySelector('.guidance:not([hidden])')?.textContent"
# The middle of the oval, as the canvas has it.
PIXEL = "Array.from(document.querySelector('canvas').getContext('2d').getImageData(320, 200, 1, 1).data)"

# What the page says about the picture in the very moment when the canvas first shows its oval.
SAID_OVER_THE_FIRST_PICTURE = f"""new Promise((tell) => {{
  const look = () => {PIXEL}[0] < 190 ? requestAnimationFrame(look)
    : tell(document.querySelector('.absent').textContent + document.querySelector('figure').className);
  look();
}})"""


@contextlib.asynccontextmanager
async def moving(daemon, *tracks: Track):
    """A camera that shows the same people in one frame after the other."""

    async def move():
        while True:
            await daemon.show(*tracks, jpeg=small_jpeg(60))
            await asyncio.sleep(0.1)

    task = asyncio.create_task(move())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def daemon(tmp_path):
    return PageDaemon(tmp_path / "operator.sock")


@pytest.fixture
async def page(daemon):
    async with open_kiosk(Target(daemon.target), SETTINGS) as url:
        yield url


async def test_a_visitor_sees_herself_guided_and_then_welcomed(page, daemon, tmp_path):
    await daemon.record("access.denied", reason="UNKNOWN_PERSON", outcome="UNKNOWN", door_id="front")
    async with daemon, open_browser(tmp_path / "profile") as browser:
        async with moving(daemon, track()):
            await browser.open(page)
            await browser.until(f"{GUIDANCE} === 'come closer'")
            red, green, blue, _ = await browser.evaluate(PIXEL)
            assert abs(red - 210) < 12
            assert abs(green - 180) < 12
            assert abs(blue - 150) < 12
        daemon.doors[0].state = DoorState.DOOR_STATE_UNLOCKED
        await daemon.record(
            "access.granted", reason="IDENTIFIED", outcome="MATCHED", display_name="Ada", door_id="front"
        )
        async with moving(daemon, track(Outcome.OUTCOME_MATCHED, "Ada", 1.0)):
            await browser.until(f"{GUIDANCE} === 'Welcome Ada'")
            await browser.until("document.querySelector('#doors').innerText.includes('unlocked')")
        decisions = await browser.evaluate("document.querySelector('#decisions').innerText")
        assert decisions.index("Ada") < decisions.index("nobody who is enrolled")
        assert "12" in await browser.evaluate("document.querySelector('#uplink').innerText")
        assert "openvino, cpu, f32" in await browser.evaluate("document.querySelector('#device').innerText")
        assert "Liveness is OFF" in await browser.evaluate("document.querySelector('#liveness').innerText")
    assert browser.complaints == []


async def test_no_picture_is_said_only_as_long_as_there_is_none(page, daemon, tmp_path):
    async with daemon, open_browser(tmp_path / "profile") as browser:
        await browser.open(page)
        await browser.until("document.querySelector('.absent').textContent === 'No picture'")
        watching = await browser.evaluate(f"(window.said = {SAID_OVER_THE_FIRST_PICTURE}, true)")
        assert watching
        await daemon.show(track())
        assert await browser.evaluate("window.said") == ""


async def test_the_page_says_that_the_daemon_is_gone_and_goes_on_when_it_is_back(page, daemon, tmp_path):
    async with open_browser(tmp_path / "profile") as browser:
        await browser.open(page)
        await browser.until("document.querySelector('#link').innerText.includes('daemon is not running')")
        for _ in range(2):
            async with daemon, moving(daemon, track()):
                await browser.until(f"{GUIDANCE} === 'come closer'")
            await browser.until("document.querySelector('.absent').innerText.includes('daemon is not running')")
    assert browser.complaints == []


async def test_a_chinese_browser_is_spoken_to_in_chinese(page, daemon, tmp_path):
    async with daemon, moving(daemon, track()), open_browser(tmp_path / "profile", "zh-CN") as browser:
        await browser.open(page)
        await browser.until(f"{GUIDANCE} === '请靠近一些'")
        text = await browser.evaluate("document.body.innerText")
    assert "最近的判定" in text
    assert "未启用活体检测" in text


async def test_names_from_the_daemon_are_text_and_never_markup(page, daemon, tmp_path):
    name = "<img src=x onerror=alert(1)>"
    daemon.doors[0].display_name = name
    await daemon.record("access.granted", reason="IDENTIFIED", display_name=name)
    async with daemon, moving(daemon, track(Outcome.OUTCOME_MATCHED, name)), open_browser(tmp_path / "p") as browser:
        await browser.open(page)
        await browser.until("document.querySelector('#decisions').innerText.includes('<img')")
        assert await browser.evaluate("document.querySelectorAll('img').length") == 0
    assert browser.complaints == []


async def test_a_page_that_loses_its_own_server_says_so_and_comes_back(daemon, tmp_path):
    async with daemon, open_browser(tmp_path / "profile") as browser:
        async with open_kiosk(Target(daemon.target), SETTINGS) as url:
            await browser.open(url)
            await browser.until("document.querySelector('#link').innerText.includes('degraded')")
        await browser.until("document.querySelector('#link').innerText.includes('lost its own server')")
        port = int(url.rpartition(":")[2])
        async with open_kiosk(Target(daemon.target), KioskSettings(port=port)):
            await browser.until("document.querySelector('#link').innerText.includes('degraded')")
