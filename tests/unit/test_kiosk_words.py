"""What the page says, and what its files may hold."""

import re
from importlib.resources import files

import pytest

from doorward_api.v1 import access_pb2, camera_pb2, decision_pb2, device_pb2, quality_pb2
from doorward_kiosk.words import OWN, page_words

STATIC = files("doorward_kiosk") / "static"
PAGE, SCRIPT, STYLE = (STATIC / name for name in ("index.html", "page.js", "page.css"))
SHOWN_ENUMS = (
    access_pb2.AccessReason.DESCRIPTOR,
    access_pb2.DoorState.DESCRIPTOR,
    camera_pb2.CameraState.DESCRIPTOR,
    decision_pb2.Outcome.DESCRIPTOR,
    device_pb2.DeviceState.DESCRIPTOR,
    device_pb2.UplinkState.DESCRIPTOR,
    quality_pb2.Guidance.DESCRIPTOR,
)


def test_the_languages_say_the_same_things():
    english, chinese = OWN["en"], OWN["zh"]
    assert english.keys() == chinese.keys()
    places = re.compile(r"\{\w+\}")
    assert [key for key in english if places.findall(english[key]) != places.findall(chinese[key])] == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("enum", SHOWN_ENUMS, ids=lambda enum: enum.name)
def test_every_code_that_the_page_shows_has_words(language, enum):
    words = page_words()[language]
    codes = [value.name for value in enum.values if value.number]
    assert [code for code in codes if code not in words] == []


def test_every_word_that_the_page_asks_for_is_there_and_every_own_word_is_used():
    script, page = SCRIPT.read_text("utf-8"), PAGE.read_text("utf-8")
    asked = set(re.findall(r'say\("(\w+)"', script)) | set(re.findall(r'data-word="(\w+)"', page))
    labels = set(re.findall(r'\["(\w+)",', script)) | set(re.findall(r'number\("(\w+)"', script))
    assert asked - page_words()["en"].keys() == set()
    mentioned = asked | labels | set(re.findall(r'"(\w+)"', script))
    assert [key for key in OWN["en"] if key not in mentioned] == []


@pytest.mark.parametrize("file", [PAGE, SCRIPT, STYLE], ids=lambda file: file.name)
def test_no_file_of_the_page_asks_another_place_for_anything(file):
    text = file.read_text("utf-8")
    assert re.findall(r"https?:|//[a-z]|@import|url\(", text) == []


def test_the_page_has_no_inline_script_or_style_and_makes_no_markup_of_what_it_is_told():
    page, script = PAGE.read_text("utf-8"), SCRIPT.read_text("utf-8")
    assert re.findall(r"<style|<script>|\son\w+=|\sstyle=", page) == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", script) == []
