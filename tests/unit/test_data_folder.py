"""The data folder: laid out, held by one daemon, typed refusals."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.state.data_folder import SUBFOLDERS, DataFolder

HOLDER = """
import sys, time
from pathlib import Path
from doorward_daemon.state.data_folder import DataFolder
with DataFolder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_fresh_home_is_laid_out(tmp_path: Path):
    with DataFolder(tmp_path / "home"):
        assert all((tmp_path / "home" / name).is_dir() for name in SUBFOLDERS)


def test_a_second_holder_is_refused_and_told_who_holds_it(tmp_path: Path):
    with DataFolder(tmp_path), pytest.raises(Conflict) as refusal, DataFolder(tmp_path):
        pass
    assert refusal.value.reason is ErrorReason.DATA_FOLDER_HELD
    assert refusal.value.metadata["process"] == str(os.getpid())


def test_a_closed_folder_can_be_held_again(tmp_path: Path):
    with DataFolder(tmp_path):
        pass
    with DataFolder(tmp_path):
        pass


def test_a_killed_holder_leaves_no_stale_lock(tmp_path: Path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Conflict), DataFolder(tmp_path):
            pass
        holder.kill()
        holder.wait()
    with DataFolder(tmp_path):
        pass


def test_a_home_below_a_file_is_unusable_and_says_so(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Conflict) as refusal, DataFolder(tmp_path / "file" / "home"):
        pass
    assert refusal.value.reason is ErrorReason.DATA_FOLDER_UNUSABLE
    assert "DOORWARD_HOME" in refusal.value.message


def test_the_device_keeps_its_identity(tmp_path: Path):
    with DataFolder(tmp_path) as folder:
        first = folder.device_id()
    with DataFolder(tmp_path) as folder:
        assert folder.device_id() == first
    with DataFolder(tmp_path / "other") as folder:
        assert folder.device_id() != first
