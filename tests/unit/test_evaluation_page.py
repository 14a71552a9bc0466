"""The report's page: it needs nothing else, shows what was found, and lets no name out of its cell."""

import json
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser

import pytest

from doorward_daemon.tools.evaluation.axis import Axis
from doorward_daemon.tools.evaluation.chart import Layer, Line, histogram_chart, line_chart
from doorward_daemon.tools.evaluation.markup import percent, with_interval
from doorward_daemon.tools.evaluation.page import write_page
from doorward_daemon.tools.evaluation.rate import Measured, Rate
from doorward_testing.evaluation_findings import findings

_VOID = {"meta", "line", "rect", "polyline", "polygon"}


class Reader(HTMLParser):
    """Keeps tags, attributes and text; complains of what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_needs_nothing_from_anywhere():
    page = write_page(findings())
    reader = read(page)
    assert not {"link", "img", "iframe", "object"} & set(reader.tags)
    assert not [name for name, _ in reader.attributes if name in ("src", "href", "srcset", "action")]
    assert not re.search(r"url\(|@import|https?:", page)
    assert "default-src 'none'" in page


def test_the_page_shows_every_part_with_intervals_counts_hashes_and_the_command():
    # str.split() takes the no-break spaces of figures for spaces as well.
    text = " ".join(read(write_page(findings())).text.split())
    for words in (
        "One to one", "One to many, with strangers", "Quality", "Error versus discard", "Liveness",
        "10.0 % (0 % to 30.0 %)", "20 of one person", "0.9876 (0.9800 to 0.9900)",
        "ab" * 32, "doorwardd report faces", "a processor", "oracle", "print: passed (APCER)", "nothing was left out",
    ):  # fmt: skip
        assert words in text, words


def test_the_figures_stand_in_the_page_as_the_same_document():
    found = findings()
    inside = re.search(r'<script type="application/json" id="findings">(.*?)</script>', write_page(found), re.DOTALL)
    assert inside is not None
    assert json.loads(inside.group(1)) == json.loads(json.dumps(asdict(found)))


def test_names_of_folders_and_commands_are_text_and_nothing_else():
    evil = '</script><script>alert(1)</script><b onclick=x>&"'
    page = write_page(findings(species=evil, command=evil))
    reader = read(page)
    assert reader.tags.count("script") == 1
    assert "onclick" not in {name for name, _ in reader.attributes}
    assert evil in reader.text


@pytest.mark.parametrize("part", ["verification", "identification", "quality", "discard", "liveness"])
def test_a_part_that_was_not_measured_is_left_out(part):
    titles = {
        "verification": "One to one", "identification": "One to many", "quality": "Median quality",
        "discard": "Spoiled copies", "liveness": "(BPCER)",
    }  # fmt: skip
    assert titles[part] in write_page(findings())
    assert titles[part] not in write_page(replace(findings(), **{part: None}))


def test_a_curve_goes_where_its_points_are():
    chart = line_chart("x", Axis("x", 0.0, 1.0), Axis("y", 0.0, 1.0), [Line("l", [(0.0, 0.0), (1.0, 1.0)], "a")])
    (points,) = re.findall(r'polyline class="line a" points="([^"]*)"', chart)
    (left, bottom), (right, top) = (map(float, point.split(",")) for point in points.split())
    assert left < right
    assert top < bottom


def test_an_empty_histogram_is_left_out_and_none_at_all_still_makes_a_chart():
    axis = Axis("score", 0.0, 1.0)
    chart = histogram_chart("x", axis, [Layer("some", (1, 2), "a"), Layer("none", (0, 0), "b")])
    assert "some (3)" in chart
    assert "none" not in chart
    assert "<svg" in histogram_chart("x", axis, [])


@pytest.mark.parametrize(
    ("axis", "texts"),
    [
        (Axis("a", 0.0, 1.0), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (Axis("a", -0.31, 0.86), ["-0.25", "0", "0.25", "0.5", "0.75"]),
        (Axis("a", 1e-3, 1.0, is_log=True, is_share=True), ["0.1 %", "1 %", "10 %", "100 %"]),
    ],
)
def test_ticks_are_round_values_within_the_axis(axis, texts):
    assert [text for _, text in axis.ticks()] == texts


def test_a_value_beyond_an_axis_stays_at_its_end():
    axis = Axis("a", 1e-3, 1.0, is_log=True)
    assert (axis.place(0.0), axis.place(1e-3), axis.place(1.0), axis.place(5.0)) == (0.0, 0.0, 1.0, 1.0)
    assert axis.place(10**-1.5) == pytest.approx(0.5)


def test_figures_are_written_with_as_many_digits_as_they_have():
    assert [percent(share) for share in (None, 0.0, 1.0, 0.0123, 0.5, 0.987)] == [
        "–", "0\u00a0%", "100\u00a0%", "1.23\u00a0%", "50.0\u00a0%", "98.70\u00a0%",
    ]  # fmt: skip
    assert with_interval(None) == "–"
    assert with_interval(Measured(0.5)) == "50.0\u00a0%"
    assert with_interval(Rate.counted(0, 10)) == "0\u00a0% (0\u00a0% to 27.8\u00a0%)"
