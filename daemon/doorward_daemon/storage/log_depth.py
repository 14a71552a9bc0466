"""How far the write-ahead log has grown since it was last folded in."""

import apsw


class LogDepth:
    """Listens to a connection's commits; in place of SQLite's own checkpoints, which would run inside a commit.

    Args:
        connection: in WAL mode.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self.pages = 0
        """Pages in the log."""
        self.found_pages: int | None = None
        """Pages that were in it before the first commit of this process, as a power cut leaves them; None before that
        commit. They were safe where they lay, and moving them would make the start wait."""
        connection.set_wal_hook(self._committed)

    @property
    def grown_pages(self) -> int:
        """Pages this process has added since the log was last folded in."""
        return self.pages - (self.found_pages or 0)

    def folded(self, left: int) -> None:
        """The log was folded in, all but so many pages."""
        self.pages, self.found_pages = left, 0

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        if self.found_pages is None:
            self.found_pages = pages
        self.pages = pages
        return apsw.SQLITE_OK
