"""Upgrade and downgrade: a cut at any step of a migration leaves a file that migrates; a newer file is left alone."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from doorward_central import database as central_database
from doorward_central.database import open_connection
from doorward_central.error import CentreError
from doorward_daemon.errors import Conflict
from doorward_daemon.gallery.schema import GALLERY_SCHEMA
from doorward_daemon.journal.opening import JOURNAL_SCHEMA
from doorward_daemon.storage import Schema, open_database
from doorward_testing.campaign import Campaign
from doorward_testing.cut_sites import ROOM
from doorward_testing.power_cut import RecordingDisk, write_image

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Upgradable:
    """A kind of database."""

    file: str
    open: Callable[[Path], None]
    scripts: int
    filling: str
    """Rows of the first version."""


def open_and_close(schema: Schema) -> Callable[[Path], None]:
    return lambda path: open_database(path, schema, ROOM).close()


DATABASES = {
    "journal": Upgradable(
        "journal.db",
        open_and_close(JOURNAL_SCHEMA),
        len(JOURNAL_SCHEMA.scripts()),
        "INSERT INTO journal_identity VALUES (1, 77, 5);"
        "INSERT INTO journal_events VALUES (1,77,1,1,'id','kind','op','boot',1,1,'floor',x'7b7d',x'00',x'01',x'02')",
    ),
    "gallery": Upgradable(
        "gallery.db",
        open_and_close(GALLERY_SCHEMA),
        len(GALLERY_SCHEMA.scripts()),
        "INSERT INTO vault VALUES (1, 1, x'01'), (2, 1, x'02');INSERT INTO subjects VALUES ('anna', 1, 2, 1, 1, 1)",
    ),
    "centre": Upgradable(
        central_database.DATABASE_FILE,
        lambda path: open_connection(path.parent, GIB).close(),
        len(central_database._scripts()),
        "INSERT INTO events VALUES (1,'gate-1',7,1,1,'id','kind','boot',1,1,'floor',x'7b7d',x'',x'',x'',x'',x'',9)",
    ),
}
UPGRADES = [(name, version) for name, kind in DATABASES.items() for version in range(kind.scripts)]


@pytest.fixture
def only_scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Lets this program be an older version of itself."""
    all_of, central = Schema.scripts, central_database._scripts

    def limit(count: int) -> None:
        monkeypatch.setattr(Schema, "scripts", lambda schema: all_of(schema)[:count])
        monkeypatch.setattr(central_database, "_scripts", lambda: central()[:count])

    return limit


def content(path: Path, version: int) -> list[tuple[object, ...]]:
    """Every row of the tables the first version has, and whether the file is whole."""
    connection = apsw.Connection(str(path))
    try:
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        if version == 0:
            return []
        table = {"journal.db": "journal_events", "gallery.db": "subjects"}.get(path.name, "events")
        return [row[:6] for row in connection.execute(f"SELECT * FROM {table}")]
    finally:
        connection.close()


@pytest.mark.parametrize(("name", "version"), UPGRADES)
def test_a_cut_at_any_step_of_a_migration_is_finished_by_the_next_start(
    name: str, version: int, only_scripts: Callable[[int], None], campaign: Campaign, ram_folder: Path
):
    kind = DATABASES[name]
    path = ram_folder / "live" / kind.file
    path.parent.mkdir()
    if version:
        only_scripts(version)
        kind.open(path)
        fill(path, kind.filling)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    rows = content(path, version) if version else []
    only_scripts(kind.scripts)
    with RecordingDisk("upgrading", is_default=True, before=before) as disk:
        kind.open(path)
    images = 0
    for _, image in disk.every_cut(0, len(disk.operations)):
        folder = ram_folder / "cut"
        write_image(image, folder)
        kind.open(folder / kind.file)
        assert content(folder / kind.file, version) == rows
        assert version_of(folder / kind.file) == kind.scripts
        shutil.rmtree(folder)
        images += 1
    campaign.note(f"cuts_in_migration_{name}_from_{version}", images=images, unopenable=0)
    assert images > 10


@pytest.mark.parametrize("name", DATABASES)
def test_an_older_version_refuses_a_newer_file_and_leaves_it_as_it_is(name: str, tmp_path: Path):
    kind = DATABASES[name]
    path = tmp_path / kind.file
    kind.open(path)
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", kind.scripts + 1)
    connection.close()
    before = path.read_bytes()
    with pytest.raises((Conflict, CentreError), match="newer version"):
        kind.open(path)
    assert path.read_bytes() == before


def test_a_migration_that_is_not_one_transaction_is_found_out(monkeypatch: pytest.MonkeyPatch, ram_folder: Path):
    def migrate_step_by_step(connection: apsw.Connection, file: object) -> None:
        for number, script in enumerate(GALLERY_SCHEMA.scripts(), start=1):
            connection.execute(script)
            connection.pragma("application_id", GALLERY_SCHEMA.application_id)
            connection.pragma("user_version", number)

    monkeypatch.setattr("doorward_daemon.storage.opening.migrate", migrate_step_by_step)
    path = ram_folder / "live" / "gallery.db"
    with RecordingDisk("upgrading", is_default=True) as disk:
        DATABASES["gallery"].open(path)
    refused = 0
    for number, (_, image) in enumerate(disk.every_cut(0, len(disk.operations))):
        folder = ram_folder / str(number)
        write_image(image, folder)
        try:
            DATABASES["gallery"].open(folder / "gallery.db")
        except Exception:  # noqa: BLE001 - whatever it is, it does not open
            refused += 1
        shutil.rmtree(folder)
    assert refused > 0


def fill(path: Path, script: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(script)
    connection.close()


def version_of(path: Path) -> int:
    connection = apsw.Connection(str(path))
    try:
        return int(connection.pragma("user_version"))
    finally:
        connection.close()
