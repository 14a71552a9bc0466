"""The log: one JSON object per line, found by request id, free of pictures and secrets, kept for a week."""

import json
import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime

import numpy as np
import pytest

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.telemetry import LogSettings, current_request_id, open_log, request_in_hand
from doorward_daemon.telemetry.log import LOG_FILE, _open_writer
from doorward_testing.small_disk import filled, small_disk

LOG = logging.getLogger("doorward_daemon.some_room")


def lines_of(folder):
    return [json.loads(line) for line in (folder / LOG_FILE).read_text(encoding="utf-8").splitlines()]


def test_a_line_says_when_how_bad_who_what_and_more(tmp_path):
    with open_log(LogSettings(), tmp_path):
        LOG.warning("pack %s is %d days old", "compact", 3, extra={"pack": "compact", "days": 3, "fits": True})
    (line,) = lines_of(tmp_path)
    assert line["message"] == "pack compact is 3 days old"
    assert (line["level"], line["logger"]) == ("WARNING", "doorward_daemon.some_room")
    assert (line["pack"], line["days"], line["fits"]) == ("compact", 3, True)
    assert line["ts"].endswith("Z")
    assert datetime.fromisoformat(line["ts"]).utcoffset().total_seconds() == 0
    assert "request_id" not in line


def test_lines_of_a_request_carry_its_id_also_from_the_threads_that_work_for_it(tmp_path):
    with open_log(LogSettings(), tmp_path), ThreadPoolExecutor(1) as pool:
        with request_in_hand("call-1"):
            LOG.info("on the loop")
            pool.submit(copy_context().run, LOG.info, "on a thread").result()
        LOG.info("after")
    assert [line.get("request_id") for line in lines_of(tmp_path)] == ["call-1", "call-1", None]
    assert current_request_id() == ""


def test_an_exception_is_logged_with_its_traceback_in_one_line(tmp_path):
    with open_log(LogSettings(), tmp_path):
        try:
            raise ValueError("expected 3, found 4")
        except ValueError:
            LOG.exception("it failed")
    (line,) = lines_of(tmp_path)
    assert "Traceback" in line["exception"]
    assert line["exception"].endswith("ValueError: expected 3, found 4")


def test_pictures_and_arrays_are_logged_by_their_size_only(tmp_path):
    picture = b"\xff\xd8" + b"JFIF" * 1000
    vector = np.full(128, 0.125, np.float32)
    with open_log(LogSettings(), tmp_path):
        LOG.info("got %r and %s", picture, vector, extra={"frame": picture, "row": vector, "parts": [picture, 7]})
    text = (tmp_path / LOG_FILE).read_text()
    (line,) = lines_of(tmp_path)
    assert "JFIF" not in text
    assert "0.125" not in text
    assert line["frame"] == "<bytes, 4002 bytes>"
    assert line["row"] == "<ndarray, 512 bytes>"
    assert line["parts"] == ["<bytes, 4002 bytes>", 7]


@pytest.mark.parametrize("name", ["token", "bearer_token", "authorization", "device_key", "template", "embedding"])
def test_secrets_and_templates_are_withheld_by_their_name(tmp_path, name):
    with open_log(LogSettings(), tmp_path):
        LOG.info("x", extra={name: "hunter2", "nested": {name: "hunter2", "harmless": 1}})
    (line,) = lines_of(tmp_path)
    assert line[name] == "<withheld>"
    assert line["nested"] == {name: "<withheld>", "harmless": 1}
    assert "hunter2" not in json.dumps(line)


def test_numbers_of_numpy_are_numbers(tmp_path):
    with open_log(LogSettings(), tmp_path):
        LOG.info("score %.2f", np.float32(0.5), extra={"score": float(np.float32(0.5))})
    assert lines_of(tmp_path)[0]["message"] == "score 0.50"


def test_a_value_that_json_does_not_know_and_a_very_long_one_do_no_harm(tmp_path):
    with open_log(LogSettings(), tmp_path):
        LOG.info("x", extra={"folder": tmp_path, "text": "y" * 10_000, "share": float("nan")})
    (line,) = lines_of(tmp_path)
    assert line["share"] == "nan"
    assert line["folder"] == str(tmp_path)
    assert len(line["text"]) < 2100


def test_only_lines_of_the_level_and_above_are_written(tmp_path):
    with open_log(LogSettings(level="WARNING"), tmp_path):
        LOG.info("quiet")
        LOG.error("loud")
    assert [line["message"] for line in lines_of(tmp_path)] == ["loud"]


def test_the_log_of_a_supervisor_goes_to_standard_error_and_makes_no_file(tmp_path, capsys):
    with open_log(LogSettings(target="stderr"), tmp_path):
        LOG.info("hello")
    assert json.loads(capsys.readouterr().err)["message"] == "hello"
    assert list(tmp_path.iterdir()) == []


def test_after_the_body_logging_is_as_it_was_before(tmp_path):
    root = logging.getLogger()
    before = (root.level, list(root.handlers), threading.active_count())
    with open_log(LogSettings(level="DEBUG"), tmp_path):
        LOG.debug("inside")
    assert (root.level, list(root.handlers), threading.active_count()) == before


def test_a_new_day_starts_a_new_file_and_days_beyond_the_week_are_removed(tmp_path):
    for day in range(1, 12):
        (tmp_path / f"{LOG_FILE}.2026-01-{day:02d}").write_text("old\n")
    (tmp_path / LOG_FILE).write_text("yesterday\n")
    yesterday_s = time.time() - 86_400
    os.utime(tmp_path / LOG_FILE, (yesterday_s, yesterday_s))
    with open_log(LogSettings(keep_days=7), tmp_path):
        LOG.info("a new day")
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert [line["message"] for line in lines_of(tmp_path)] == ["a new day"]
    assert len(kept) == 8
    assert f"{LOG_FILE}.2026-01-05" not in kept
    assert (tmp_path / kept[-1]).read_text() == "yesterday\n"


def test_a_log_folder_that_cannot_be_used_is_a_typed_error(tmp_path):
    (tmp_path / "log").write_text("a file")
    with pytest.raises(Conflict) as refused, open_log(LogSettings(), tmp_path / "log"):
        pass
    assert refused.value.reason is ErrorReason.DATA_FOLDER_UNUSABLE
    assert "log.target" in refused.value.message


def test_a_disk_that_takes_no_more_costs_lines_and_says_how_many(tmp_path, capfd):
    with small_disk(tmp_path / "log", "1m") as folder:
        file = _open_writer(LogSettings(), folder)
        with filled(folder):
            for _ in range(3):
                file.handle(logging.makeLogRecord({"msg": "lost"}))
        file.handle(logging.makeLogRecord({"msg": "kept"}))
        with filled(folder):
            file.handle(logging.makeLogRecord({"msg": "lost at the end"}))
            file.close()
        written = (folder / LOG_FILE).read_text(encoding="utf-8")
    assert "kept\n3 lines of this log could not be written\n" in written
    assert capfd.readouterr().err == ""
