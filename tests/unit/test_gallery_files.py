"""The gallery opens what is its own and whole, and says what a person has to do about everything else."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from doorward_daemon.errors import Conflict, DoorwardError, ErrorReason, ExitCode, Fault, Overloaded, exit_code_of
from doorward_daemon.gallery import GallerySettings, open_gallery
from doorward_daemon.gallery.schema import GALLERY_SCHEMA
from doorward_testing.enrolment_site import NO_SPARE_DISK, SPACE, open_site, template_of


@pytest.fixture
def enrolled(tmp_path: Path) -> Path:
    """A folder with one subject in it."""
    folder = tmp_path / "data"
    with open_site(folder) as site:
        site.enrol("anna", 1)
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    try:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True)
    except FileNotFoundError:
        pytest.skip("mount: there is no such command here")
    if mounted.returncode:
        pytest.skip("mount: this user may not mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def refusal(folder: Path, settings: GallerySettings = NO_SPARE_DISK) -> DoorwardError:
    with pytest.raises(DoorwardError) as error:
        open_gallery(folder, SPACE, settings).close()
    return error.value


def fill(path: Path) -> None:
    """Writes a file until its disk has no room."""
    with path.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


def first_refusal(write: Callable[[int], object]) -> Overloaded:
    """Writes until a write is refused for want of room."""
    for number in range(100_000):
        try:
            write(number)
        except Overloaded as error:
            return error
    raise AssertionError("the disk never got full")


def assert_unusable(error: DoorwardError, *words: str) -> None:
    assert isinstance(error, Conflict)
    assert error.reason is ErrorReason.DATA_FOLDER_UNUSABLE
    assert exit_code_of(error) is ExitCode.NEEDS_PERSON
    for word in words:
        assert word in error.message


def test_a_new_gallery_keeps_its_files_to_itself(enrolled: Path):
    with open_site(enrolled):
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in enrolled.rglob("*")}
    assert modes["gallery.db"] == modes["gallery.db-wal"] == modes["device.key"] == "0o600"
    assert modes["keys"] == "0o700"
    assert (enrolled / "keys" / "device.key").stat().st_size == 32


def test_the_database_has_the_cap_it_was_given_and_strict_tables(tmp_path: Path):
    settings = GallerySettings(max_bytes=8 * 1024 * 1024, spare_disk_bytes=0)
    with open_gallery(tmp_path, SPACE, settings) as gallery:
        database = gallery._database
        with database.transaction(growing=True):
            assert database.run("PRAGMA max_page_count")[0][0] * 4096 == 8 * 1024 * 1024
        tables = database.run(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"
        )
        assert "vault" in dict(tables)
        assert all(strict for _, strict in tables)


def test_what_was_enrolled_is_there_after_a_restart(enrolled: Path):
    with open_site(enrolled) as site:
        assert site.gallery.index().search(template_of(1).vector, 1)[0].score == pytest.approx(1.0, abs=1e-6)
        assert site.gallery.index().name_of("anna") == "Name of anna"
        assert site.gallery.subject("anna").references[0].precision == "f32"


def test_a_second_opener_is_refused_and_the_first_goes_on(enrolled: Path):
    with open_site(enrolled) as site:
        error = refusal(enrolled)
        assert error.reason is ErrorReason.DATA_FOLDER_HELD
        assert exit_code_of(error) is ExitCode.FOLDER_HELD
        script = (
            "import pathlib, sys, doorward_daemon.gallery as room; room.open_gallery(pathlib.Path(sys.argv[1]), 'x')"
        )
        command = [sys.executable, "-c", script, str(enrolled)]
        other = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "another process holds it" in other.stderr
        site.enrol("bert", 2)


def test_a_lost_device_key_is_named_and_not_replaced(enrolled: Path):
    (enrolled / "keys" / "device.key").unlink()
    assert_unusable(refusal(enrolled), "device.key", "lost", "backup")
    assert not (enrolled / "keys" / "device.key").exists()


def test_another_device_key_is_refused(enrolled: Path, tmp_path: Path):
    with open_site(tmp_path / "other"):
        pass
    shutil.copy(tmp_path / "other" / "keys" / "device.key", enrolled / "keys" / "device.key")
    assert_unusable(refusal(enrolled), "device.key", "not the device key")


def test_a_device_key_that_others_can_read_is_refused(enrolled: Path):
    key = enrolled / "keys" / "device.key"
    for mode in (0o640, 0o604, 0o660, 0o777):
        key.chmod(mode)
        assert_unusable(refusal(enrolled), "0600", f"chmod 600 {key}")
    key.chmod(0o600)
    with open_site(enrolled) as site:
        assert site.gallery.status().references == 1


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_device_key_of_another_length_is_refused(enrolled: Path, length: int):
    (enrolled / "keys" / "device.key").write_bytes(bytes(length))
    assert_unusable(refusal(enrolled), f"{length} bytes", "32")


def test_a_folder_in_place_of_the_device_key_is_refused(enrolled: Path):
    key = enrolled / "keys" / "device.key"
    key.unlink()
    key.mkdir()
    assert_unusable(refusal(enrolled), "device.key")


def test_a_gallery_moved_away_starts_anew_with_the_same_key(enrolled: Path):
    key = (enrolled / "keys" / "device.key").read_bytes()
    (enrolled / "gallery.db").unlink()
    with open_site(enrolled) as site:
        assert site.gallery.status().subjects == 0
    assert (enrolled / "keys" / "device.key").read_bytes() == key


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path):
    path = tmp_path / "gallery.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE somebody (elses)")
    connection.close()
    before = path.read_bytes()
    assert_unusable(refusal(tmp_path), "another program")
    assert path.read_bytes() == before


def test_a_newer_gallery_is_refused_and_left_alone(enrolled: Path):
    path = enrolled / "gallery.db"
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", len(GALLERY_SCHEMA.scripts()) + 1)
    connection.close()
    before = path.read_bytes()
    assert_unusable(refusal(enrolled), "newer version")
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_reported_as_damaged(tmp_path: Path):
    (tmp_path / "gallery.db").write_bytes(b"This was a gallery once. " * 400)
    error = refusal(tmp_path)
    assert isinstance(error, Fault)
    assert error.reason is ErrorReason.STORAGE_FAILED
    assert exit_code_of(error) is ExitCode.INTERNAL
    assert str(tmp_path / "gallery.db") in error.message
    assert "backup" in error.message


def test_rubbish_in_any_page_is_noticed_at_start(enrolled: Path, tmp_path: Path):
    pages = (enrolled / "gallery.db").stat().st_size // 4096
    assert pages > 10
    for page in range(pages):
        folder = Path(shutil.copytree(enrolled, tmp_path / f"page-{page}"))
        with (folder / "gallery.db").open("r+b") as file:
            file.seek(page * 4096)
            file.write(os.urandom(4096))
        error = refusal(folder)
        assert error.reason is ErrorReason.STORAGE_FAILED
        assert str(folder / "gallery.db") in error.message


def test_a_flipped_bit_in_a_template_is_noticed_though_sqlite_sees_nothing(enrolled: Path):
    path = enrolled / "gallery.db"
    connection = apsw.Connection(str(path))
    sealed = connection.execute("SELECT content FROM vault JOIN enrolled_references ON slot = template_slot").get
    connection.close()
    content = bytearray(path.read_bytes())
    content[content.find(sealed) + 40] ^= 1
    path.write_bytes(content)
    error = refusal(enrolled)
    assert error.reason is ErrorReason.STORAGE_FAILED
    assert "anna" in error.message


def test_a_gallery_that_can_only_be_read_is_refused(enrolled: Path, small_disk: Path):
    shutil.copytree(enrolled, small_disk / "data")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert_unusable(refusal(small_disk / "data"), "gallery.db", "write access")
    assert_unusable(refusal(small_disk / "new"), "write access")


@pytest.mark.skipif(os.geteuid() == 0, reason="root: permissions do not hold for this user")
def test_a_folder_without_write_permission_is_refused(enrolled: Path):
    (enrolled / "gallery.db").chmod(0o400)
    assert_unusable(refusal(enrolled), "gallery.db", "write access")


def test_a_full_disk_has_no_room_for_a_new_gallery_and_leaves_none_behind(small_disk: Path):
    (small_disk / "filler").write_bytes(bytes(2 * 1024 * 1024 - 16 * 1024))
    error = refusal(small_disk / "data")
    assert isinstance(error, Overloaded)
    assert error.reason is ErrorReason.STORAGE_FULL
    (small_disk / "filler").unlink()
    with open_site(small_disk / "data") as site:
        site.enrol("anna", 1)


def test_a_full_disk_stops_enrolment_and_not_identification(small_disk: Path):
    with open_site(small_disk / "data") as site:
        site.enrol("anna", 1)
        fill(small_disk / "filler")
        error = first_refusal(lambda number: site.enrol(f"s{number}", 2 + number))
        assert error.reason is ErrorReason.STORAGE_FULL
        assert site.gallery.index().search(template_of(1).vector, 1)[0].subject_id == "anna"
        assert site.gallery.failure is None
        (small_disk / "filler").unlink()
        site.enrol("dora", 9)
    with open_site(small_disk / "data") as site:
        assert site.gallery.unfinished() == ()
        assert site.gallery.index().references == site.gallery.status().references


def test_a_gallery_on_a_full_disk_opens_and_identifies_after_a_restart(small_disk: Path):
    with open_site(small_disk / "data") as site:
        site.enrol("anna", 1)
        fill(small_disk / "filler")
        error = first_refusal(lambda number: site.enrol(f"s{number}", 2 + number))
        assert error.reason is ErrorReason.STORAGE_FULL
        fill(small_disk / "filler")
    with open_gallery(small_disk / "data", SPACE, NO_SPARE_DISK) as gallery:
        assert gallery.index().search(template_of(1).vector, 1)[0].subject_id == "anna"


def test_enrolment_stops_before_the_disk_is_full(tmp_path: Path):
    settings = GallerySettings(spare_disk_bytes=shutil.disk_usage(tmp_path).free + 1024**3)
    with open_site(tmp_path, gallery_settings=settings) as site, pytest.raises(Overloaded) as error:
        site.desk.create_subject(site.request(), "anna", "Anna")
    assert error.value.reason is ErrorReason.STORAGE_FULL
    assert "bytes are free" in error.value.message


def test_a_gallery_at_its_cap_refuses_enrolment_and_still_erases(tmp_path: Path):
    settings = GallerySettings(max_bytes=1024 * 1024, spare_disk_bytes=0)
    with open_site(tmp_path, gallery_settings=settings) as site:
        error = first_refusal(lambda number: site.desk.create_subject(site.request(), f"s{number:04}", "x" * 200))
        count = site.gallery.status().subjects
        assert error.reason is ErrorReason.STORAGE_FULL
        assert "max_bytes" in error.message
        assert count > 100
        for number in range(60):
            site.desk.erase_subject(site.request(), f"s{number:04}")
        site.enrol("anna", 1)
        assert site.gallery.index().search(template_of(1).vector, 1)[0].subject_id == "anna"
    with open_site(tmp_path, gallery_settings=settings) as site:
        assert site.gallery.status().subjects == count - 60 + 1


def test_the_gallery_file_says_whose_it_is(enrolled: Path):
    header = (enrolled / "gallery.db").read_bytes()[:100]
    assert int.from_bytes(header[68:72], "big") == GALLERY_SCHEMA.application_id
    assert int.from_bytes(header[60:64], "big") == len(GALLERY_SCHEMA.scripts())
