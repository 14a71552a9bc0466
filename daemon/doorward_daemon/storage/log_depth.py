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
        connection.set_wal_hook(self._committed)

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self.pages = pages
        return apsw.SQLITE_OK
