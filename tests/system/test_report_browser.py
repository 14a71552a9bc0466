"""The evaluation report in a real browser: nothing is refused or missing, light and dark, wide and narrow."""

import pytest

from doorward_daemon.tools.evaluation.page import write_page
from doorward_testing.browser import CHROMIUM, open_browser
from doorward_testing.evaluation_findings import findings

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not on this machine")

PAPER = "getComputedStyle(document.body).backgroundColor"
NARROW = {"width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": True}
# Text of a chart that reaches beyond the drawing is cut off.
CUT = """[...document.querySelectorAll('svg')].flatMap(svg => {
  const whole = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return box.left < whole.left - 1 || box.right > whole.right + 1 || box.bottom > whole.bottom + 1;
  }).map(text => text.textContent);
})"""


async def test_the_report_shows_every_chart_whole_in_light_and_dark_and_on_a_telephone(tmp_path):
    page = tmp_path / "report.html"
    page.write_text(write_page(findings()), "utf-8")
    papers = set()
    async with open_browser(tmp_path / "profile") as browser:
        for theme in ("light", "dark"):
            await browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
            await browser.open(page.as_uri())
            await browser.until("document.querySelectorAll('svg').length === 6")
            assert await browser.evaluate(CUT) == []
            papers.add(await browser.evaluate(PAPER))
        await browser.ask("Emulation.setDeviceMetricsOverride", **NARROW)
        await browser.until("document.documentElement.clientWidth === 400")
        assert await browser.evaluate("document.documentElement.scrollWidth") == 400
        assert browser.complaints == []
    assert len(papers) == 2
