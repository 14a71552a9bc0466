"""The gallery: enrolled subjects and their references, in one database and one search index."""

import contextlib
import hmac
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from doorward_daemon.errors import ErrorReason, Fault, FieldProblem, InvalidInput
from doorward_daemon.gallery.chunk_staging import STAGING_FOLDER, ChunkStaging
from doorward_daemon.gallery.device_key import load_device_key
from doorward_daemon.gallery.index_loader import IndexLoader
from doorward_daemon.gallery.instant import utc_now
from doorward_daemon.gallery.long_lock import LongLock
from doorward_daemon.gallery.operation import Operation
from doorward_daemon.gallery.page_token import make_page_token, read_page_token
from doorward_daemon.gallery.schema import GALLERY_SCHEMA
from doorward_daemon.gallery.search_index import SearchIndex
from doorward_daemon.gallery.settings import GallerySettings
from doorward_daemon.gallery.tables import GalleryTables
from doorward_daemon.gallery.template_cipher import TemplateCipher
from doorward_daemon.gallery.writing import GalleryWriting
from doorward_daemon.identity import Cohort
from doorward_daemon.model.subject import GalleryStatus, Subject, SubjectPage
from doorward_daemon.model.write_request import WriteRequest
from doorward_daemon.storage import Database, StorageSettings, open_database, unusable

GALLERY_FILE = "gallery.db"
"""Name of the database in the data folder."""
KEY_FILE = Path("keys") / "device.key"
"""Place of the device key in the data folder."""
MAX_PAGE_SIZE = 500
"""Subjects a page holds at most."""
_DEFAULT_PAGE_SIZE = 100


class Gallery:
    """Reads, searches and writes. Thread-safe; a search takes no lock and never waits for a write.

    Made by `open_gallery`; a context manager that closes it and zeroes the templates in memory.
    """

    def __init__(
        self,
        database: Database,
        tables: GalleryTables,
        cipher: TemplateCipher,
        loader: IndexLoader,
        staging: ChunkStaging,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._tables = tables
        self._cipher = cipher
        self._loader = loader
        self._keeper = loader.load()
        self.staging = staging
        """Parts of a gallery of the centre that are not in force yet."""
        self._now = now
        # One connection, one lock: SQLite would serialise the calls anyway, and pragmas belong to the transaction.
        self._lock = LongLock("a gallery of the centre is coming into force")
        self._watchers: list[Callable[[int], None]] = []
        self._erasure_watchers: list[Callable[[str], None]] = []

    def __enter__(self) -> "Gallery":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def embedding_id(self) -> str:
        """Embedding space that is searched."""
        return self._keeper.current.embedding_id

    @property
    def failure(self) -> Fault | None:
        """What broke the storage; the process must be restarted. None while it works."""
        return self._database.failure

    def index(self) -> SearchIndex:
        """The current snapshot for searches."""
        return self._keeper.current

    def status(self) -> GalleryStatus:
        """How much there is."""
        index = self._keeper.current
        return GalleryStatus(len(index.names), index.references, index.foreign_references, index.revision)

    def subject(self, subject_id: str) -> Subject:
        """Reads one subject with its active references.

        Raises:
            NotFound: SUBJECT_NOT_FOUND.
            Overloaded: OVERLOADED, a gallery of the centre is coming into force.
            Fault: STORAGE_FAILED.
        """
        with self._lock.briefly():
            return self._tables.subjects.get(subject_id)

    def subjects(self, page_size: int = 0, page_token: str = "") -> SubjectPage:
        """Reads a page of subjects, ordered by subject_id.

        Args:
            page_size: subjects wanted at most, 1..500; 0 means 100.
            page_token: the next_page_token of the page before; empty for the first.

        Raises:
            InvalidInput: FIELD_INVALID, PAGE_TOKEN_INVALID.
            Overloaded: OVERLOADED, a gallery of the centre is coming into force.
            Fault: STORAGE_FAILED.
        """
        if not 0 <= page_size <= MAX_PAGE_SIZE:
            problem = FieldProblem("page_size", f"found {page_size}, expected 0..{MAX_PAGE_SIZE}")
            raise InvalidInput(ErrorReason.FIELD_INVALID, f"page_size: {problem.problem}", problems=[problem])
        wanted = page_size or _DEFAULT_PAGE_SIZE
        after = read_page_token(page_token)
        with self._lock.briefly():
            found = self._tables.subjects.after(after, wanted + 1)
            total = self._tables.subjects.count()
        page = found[:wanted]
        token = make_page_token(page[-1].subject_id) if len(found) > wanted else ""
        return SubjectPage(page, token, total)

    def answer_to(self, request: WriteRequest) -> str | None:
        """The answer a write was given before; None for one that was not seen within the last day.

        Raises:
            AlreadyExists: REQUEST_ID_REUSED.
            NotFound: SUBJECT_NOT_FOUND, the subject was erased since.
            Fault: STORAGE_FAILED.
        """
        with self._lock:
            return self._tables.requests.answer_to(request, self._now())

    def unfinished(self) -> tuple[Operation, ...]:
        """Staged operations that were begun and not finished, oldest first.

        Raises:
            Fault: STORAGE_FAILED.
        """
        with self._lock:
            return self._tables.operations.all()

    @contextlib.contextmanager
    def writing(self, *, growing: bool, local: bool = True) -> Iterator[GalleryWriting]:
        """A transaction: on disk and in the index when the body is left, or neither.

        Args:
            growing: True for what adds to the gallery and is refused where room is short.
            local: False for what the centre gave: it is not counted as a change made here.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        # What a device changes by itself is begun by the desk, which nothing of the centre holds up halfway.
        with self._lock if local else self._lock.for_long():
            with self._database.transaction(growing=growing):
                self._tables.begin()
                writing = GalleryWriting(self._tables, self._cipher, self._now(), local=local)
                yield writing
                writing.note_changes()
                change = self._loader.change_after(writing, self._keeper.current)
            if change is not None:
                self._keeper.apply(change)
        for forget in self._erasure_watchers:
            for subject_id in writing.erased:
                forget(subject_id)
        if (last := writing.last_change) is not None:
            for tell in self._watchers:
                tell(last)

    def watch_changes(self, tell: Callable[[int], None]) -> Callable[[], None]:
        """Tells about the last local change after each commit that counted one, on the thread that wrote.

        Returns:
            What ends it.
        """
        self._watchers = [*self._watchers, tell]

        def end() -> None:
            self._watchers = [one for one in self._watchers if one is not tell]

        return end

    def watch_erasures(self, forget: Callable[[str], None]) -> None:
        """Tells who was erased, whoever asked for it, after the commit and when no search finds the subject any more.

        Args:
            forget: called with the subject_id on the thread that wrote; must be quick.
        """
        self._erasure_watchers = [*self._erasure_watchers, forget]

    def scrub(self) -> None:
        """Leaves no byte of destroyed rows in any file; a transfer that may hold them has to begin again.

        Raises:
            Overloaded: STORAGE_FULL.
            Conflict: DATA_FOLDER_UNUSABLE.
            Fault: STORAGE_FAILED.
        """
        self.staging.clear()
        with self._lock:
            self._database.scrub()

    def check_comparable(self, embedding_id: str, numbers: int) -> None:
        """Refuses a template that must not be enrolled here.

        Args:
            embedding_id: its embedding space.
            numbers: numbers it has.

        Raises:
            Conflict: EMBEDDING_MISMATCH.
        """
        self._keeper.check_comparable(embedding_id, numbers)

    def close(self) -> None:
        """Closes the database and zeroes the templates in memory; searches find nothing from here on."""
        with self._lock:
            self._database.close()
            self._keeper.wipe()


def open_gallery(
    folder: Path,
    embedding_id: str,
    settings: GallerySettings | None = None,
    *,
    cohort: Cohort | None = None,
    now: Callable[[], datetime] = utc_now,
) -> Gallery:
    """Opens the gallery of a data folder, makes it where there is none, and loads its index.

    Args:
        folder: the data folder; holds `gallery.db` and `keys/device.key`.
        embedding_id: embedding space of the active pack.
        settings: how references are kept; None means the defaults.
        cohort: of the active pack, for the crowding of what a search finds; None where it has none.
        now: the wall clock, aware UTC.

    Raises:
        Conflict: DATA_FOLDER_HELD, another process has it open; DATA_FOLDER_UNUSABLE, it cannot be written, the device
            key is lost, wrong or readable for others, or the file is another program's or a newer version's.
        Overloaded: STORAGE_FULL, there is no room for a new one.
        Fault: STORAGE_FAILED, the database is damaged or the disk fails.
    """
    settings = settings or GallerySettings()
    storage = StorageSettings(max_bytes=settings.max_bytes, spare_disk_bytes=settings.spare_disk_bytes)
    database = open_database(folder / GALLERY_FILE, GALLERY_SCHEMA, storage)
    try:
        tables = GalleryTables(database, timedelta(hours=settings.remember_requests_h))
        cipher = _open_cipher(database, tables, folder / KEY_FILE)
        loader = IndexLoader(tables, cipher, embedding_id, cohort)
        staging = ChunkStaging(folder / STAGING_FOLDER, cipher, settings)
        return Gallery(database, tables, cipher, loader, staging, now)
    except BaseException:
        database.close()
        raise


def _open_cipher(database: Database, tables: GalleryTables, key_path: Path) -> TemplateCipher:
    known = tables.key_check()
    cipher = TemplateCipher(load_device_key(key_path, may_create=known is None))
    if known is None:
        with database.transaction(growing=False):
            tables.set_key_check(cipher.key_check)
    elif not hmac.compare_digest(known, cipher.key_check):
        raise unusable(
            key_path,
            f"this is not the device key {database.path.name} was sealed with",
            "put the right key file back from a backup, or move gallery.db away to start with an empty gallery and "
            "enrol again",
        )
    return cipher
