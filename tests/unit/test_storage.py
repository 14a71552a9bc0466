"""Opening a database: alone, proven settings, migrations, refusals, the cap, a disk that fails."""

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from doorward_daemon.errors import Conflict, ErrorReason, Fault, Overloaded
from doorward_daemon.journal.opening import JOURNAL_SCHEMA
from doorward_daemon.journal.raw_limit import leave_long_log
from doorward_daemon.storage import DatabaseDamaged, Engine, Schema, StorageSettings, open_database
from doorward_testing.faulty_disk import FaultyDisk

SMALL = StorageSettings(max_bytes=1024 * 1024, spare_disk_bytes=0)
ADD = "INSERT INTO journal_events VALUES (NULL,1,1,?,'','',NULL,'',0,0,'floor',zeroblob(?),x'',x'',x'')"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.db"


@pytest.fixture
def database(path):
    database = open_database(path, JOURNAL_SCHEMA, SMALL)
    yield database
    database.close()


def add(database, seq, length_bytes):
    with database.transaction(growing=True):
        database.run(ADD, seq, length_bytes)


def add_twice(database, seq):
    """The second one breaks a rule of the schema."""
    with database.transaction(growing=True):
        database.run(ADD, seq, 10)
        database.run(ADD, seq, 10)


def files_beside(path):
    """The bytes of the database and its log."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def fill(database):
    """Adds rows until there is no room; returns how many."""
    for count in range(1000):
        try:
            add(database, count, 8000)
        except Overloaded as full:
            return count if full.reason is ErrorReason.STORAGE_FULL else -1
    raise AssertionError("1000 rows went into a database of 1 MiB")


def test_a_commit_is_synced_and_the_file_belongs_to_one_connection(database, path):
    promised = {"synchronous": 2, "journal_mode": "wal", "locking_mode": "exclusive"}
    promised |= {"secure_delete": 1, "foreign_keys": 1, "mmap_size": 0}
    assert {name: database.run(f"PRAGMA {name}")[0][0] for name in promised} == promised
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict) as refusal:
        open_database(path, JOURNAL_SCHEMA, SMALL)
    assert refusal.value.reason is ErrorReason.DATA_FOLDER_HELD
    # The refused attempt has not dropped the lock for other processes either.
    other = "import apsw, sys; apsw.Connection(sys.argv[1]).execute('SELECT * FROM sqlite_schema').fetchall()"
    run = subprocess.run([sys.executable, "-c", other, str(path)], capture_output=True, text=True, check=False)
    assert "BusyError" in run.stderr


def test_the_same_file_is_not_migrated_again(database, path):
    with database.transaction(growing=True):
        database.run(ADD, 1, 10)
    database.close()
    again = open_database(path, JOURNAL_SCHEMA, SMALL)
    assert again.run("SELECT count(*) FROM journal_events") == [(1,)]
    again.close()


@pytest.mark.parametrize(
    ("pragma", "word"), [("application_id=7", "another program's"), ("user_version=999", "newer version")]
)
def test_a_foreign_or_newer_file_is_refused_and_left_alone(database, path, pragma, word):
    database.close()
    with apsw.Connection(str(path)) as connection:
        connection.execute(f"PRAGMA {pragma}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Conflict, match=word):
        open_database(path, JOURNAL_SCHEMA, SMALL)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_damaged(path):
    path.parent.mkdir()
    path.write_bytes(b"\xff" * 8192)
    with pytest.raises(DatabaseDamaged):
        open_database(path, JOURNAL_SCHEMA, SMALL)


def test_a_folder_that_cannot_be_made_is_unusable(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Conflict) as refusal:
        open_database(tmp_path / "file" / "journal.db", JOURNAL_SCHEMA, SMALL)
    assert refusal.value.reason is ErrorReason.DATA_FOLDER_UNUSABLE


def test_a_failed_transaction_leaves_nothing(database):
    with pytest.raises(Fault):
        add_twice(database, seq=1)
    assert database.run("SELECT count(*) FROM journal_events") == [(0,)]


def test_a_full_database_refuses_more_lets_rows_go_and_takes_more_again(database):
    count = fill(database)
    assert count > 50
    assert database.used_share() > 0.9
    # What finishes something begun has a reserve.
    with database.transaction(growing=False):
        database.run(ADD, count, 100_000)
    with database.transaction(growing=False):
        database.run("DELETE FROM journal_events WHERE seq < 40")
    with database.transaction(growing=True):
        database.run(ADD, 1, 8000)
    assert database.failure is None


def test_a_disk_without_spare_room_takes_nothing_new_but_lets_rows_go(path):
    settings = StorageSettings(max_bytes=1024 * 1024, spare_disk_bytes=64 * 1024**4)
    database = open_database(path, JOURNAL_SCHEMA, settings)
    with (
        pytest.raises(Overloaded, match=r"there is no room: .* have to stay free; free disk space"),
        database.transaction(growing=True),
    ):
        pass
    with database.transaction(growing=False):
        database.run(ADD, 1, 10)
    database.close()


@pytest.mark.parametrize(("has_a_moment", "longest_mib"), [(False, 9), (True, 5)])
def test_the_log_is_folded_in_before_it_grows_long(path, has_a_moment, longest_mib):
    database = open_database(path, JOURNAL_SCHEMA, StorageSettings(spare_disk_bytes=0))
    for number in range(1000):
        with database.transaction(growing=True):
            database.run(ADD, number, 20_000)
        if has_a_moment:
            database.fold_long_log()
    assert path.with_name("journal.db-wal").stat().st_size < longest_mib * 1024 * 1024
    database.fold_log()
    assert database.log_bytes == 0
    database.close()


def test_a_long_log_found_at_the_start_makes_no_commit_wait_and_goes_with_the_next_fold(path):
    open_database(path, JOURNAL_SCHEMA, SMALL).close()
    leave_long_log(path, 12 * 1024 * 1024)
    database = open_database(path, JOURNAL_SCHEMA, StorageSettings(spare_disk_bytes=0))
    main_bytes = path.stat().st_size
    add(database, 1, 10)
    database.fold_long_log()
    assert path.stat().st_size == main_bytes
    assert database.log_bytes > 12 * 1024 * 1024
    for number in range(2, 500):
        add(database, number, 20_000)
    assert path.stat().st_size > 12 * 1024 * 1024
    assert database.log_bytes < 9 * 1024 * 1024
    assert database.run("SELECT count(*) FROM journal_events") == [(499,)]
    database.close()


def test_a_scrub_leaves_no_byte_of_a_deleted_row_in_any_file(database, path):
    secret = bytes(range(1, 251)) * 80
    with database.transaction(growing=True):
        database.run(ADD, 1, 10)
        database.run("UPDATE journal_events SET payload = ?", secret)
    assert secret[:16] in files_beside(path)
    with database.transaction(growing=False):
        database.run("DELETE FROM journal_events")
    # The log still has it until then.
    assert secret[:16] in files_beside(path)
    database.scrub()
    assert secret[:16] not in files_beside(path)
    assert path.with_name("journal.db-wal").stat().st_size == 0
    assert database.log_bytes == 0


def test_a_log_that_cannot_be_emptied_is_no_scrub(path):
    disk = FaultyDisk("failing-scrub")
    database = open_database(path, JOURNAL_SCHEMA, SMALL, Engine(vfs=disk.name))
    add(database, 1, 10)
    disk.fails_to_sync = True
    with pytest.raises(Fault) as fault:
        database.scrub()
    assert fault.value.reason is ErrorReason.STORAGE_FAILED
    disk.fails_to_sync = False
    database.close()


def test_a_damaged_file_is_reported_with_what_to_do_about_its_kind(path):
    path.parent.mkdir()
    path.write_bytes(b"\xff" * 8192)
    schema = Schema(1, "doorward_daemon.journal", "notebook", "ask who wrote it")
    with pytest.raises(DatabaseDamaged, match="-wal away together, then ask who wrote it"):
        open_database(path, schema, SMALL)


def test_after_a_failed_sync_nothing_is_tried_again(path):
    disk = FaultyDisk("failing-sync")
    database = open_database(path, JOURNAL_SCHEMA, SMALL, Engine(vfs=disk.name))
    with database.transaction(growing=True):
        database.run(ADD, 1, 10)
    disk.fails_to_sync = True
    with pytest.raises(Fault) as fault, database.transaction(growing=True):
        database.run(ADD, 2, 10)
    assert fault.value.reason is ErrorReason.STORAGE_FAILED
    disk.fails_to_sync = False
    assert database.failure is not None
    with pytest.raises(Fault), database.transaction(growing=True):
        database.run(ADD, 3, 10)
    with pytest.raises(Fault):
        database.run("SELECT 1")
    database.close()


def test_a_full_disk_is_no_failure_and_passes(path):
    disk = FaultyDisk("full-disk")
    database = open_database(path, JOURNAL_SCHEMA, SMALL, Engine(vfs=disk.name))
    disk.is_full = True
    with pytest.raises(Overloaded), database.transaction(growing=True):
        database.run(ADD, 1, 10)
    disk.is_full = False
    assert database.failure is None
    with database.transaction(growing=True):
        database.run(ADD, 1, 10)
    assert database.run("SELECT count(*) FROM journal_events") == [(1,)]
    database.close()


def test_scripts_are_found_in_the_package_in_their_order():
    scripts = Schema(1, "doorward_daemon.journal", "journal").scripts()
    assert "CREATE TABLE journal_events" in scripts[0]
