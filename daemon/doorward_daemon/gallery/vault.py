"""Bytes that can be destroyed: each in a slot that is overwritten where it lies, and never moved or deleted.

`secure_delete` alone is not enough. It zeroes a deleted row where it is, but when SQLite rebalances a tree it copies
rows to other pages and leaves the old bytes in the unused middle of a page: of some hundred erasures, one left a
wrapped key in the file. Rows of this table are only appended, which moves none, and a slot is freed and filled again
by an update of the same size, which SQLite does in place.
"""

from doorward_daemon.storage import Database

_LENGTH_BYTES = 4
_GRAIN = 64
"""Slots are multiples of this, so that a freed one fits many others."""


class Vault:
    """Slots of the table `vault`.

    Args:
        database: the gallery's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._none_free: set[int] = set()

    def look_again(self) -> None:
        """Forgets which sizes have no freed slot, as a new transaction must: the last one may have come to nothing."""
        self._none_free.clear()

    def put(self, content: bytes) -> int:
        """Stores bytes and returns their slot: a freed one of this size, or a new one."""
        padded = _pad(content)
        if len(padded) not in self._none_free:
            free = self._database.run(
                "SELECT slot FROM vault WHERE in_use = 0 AND length(content) = ? LIMIT 1", len(padded)
            )
            if free:
                self._database.run("UPDATE vault SET in_use = 1, content = ? WHERE slot = ?", padded, free[0][0])
                return int(free[0][0])
            self._none_free.add(len(padded))
        self._database.run("INSERT INTO vault (in_use, content) VALUES (1, ?)", padded)
        return self._database.inserted_row()

    def get(self, slot: int) -> bytes:
        """Reads what is in a slot.

        Raises:
            Fault: STORAGE_FAILED, there is no such slot.
        """
        rows = self._database.run("SELECT content FROM vault WHERE slot = ? AND in_use = 1", slot)
        if not rows:
            raise self._database.file.damaged(f"slot {slot} of the vault is missing")
        return unpad(rows[0][0])

    def destroy(self, slot: int) -> None:
        """Overwrites a slot with zeros; on disk once the transaction is, and scrubbed."""
        self._none_free.clear()
        self._database.run("UPDATE vault SET in_use = 0, content = zeroblob(length(content)) WHERE slot = ?", slot)


def unpad(padded: bytes) -> bytes:
    """What was put into a slot, out of what lies there."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def _pad(content: bytes) -> bytes:
    framed = len(content).to_bytes(_LENGTH_BYTES, "big") + content
    return framed + bytes(-len(framed) % _GRAIN)
