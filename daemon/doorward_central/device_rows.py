"""Devices in the database: who said Hello, from where, and what it has."""

import apsw

from doorward_sync.messages import Hello


def note_hello(connection: apsw.Connection, hello: Hello, address: str, now_us: int) -> None:
    """Writes down that a device is here.

    Args:
        connection: the database.
        hello: what it said.
        address: where it comes from, without the port.
        now_us: wall clock, microseconds since 1970 UTC.
    """
    connection.execute(
        "INSERT INTO devices (device_id, first_seen_us, last_seen_us, address, boot_id, version, embedding_id, epoch,"
        " gallery_revision, config_revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET last_seen_us = excluded.last_seen_us, address = excluded.address,"
        " boot_id = excluded.boot_id, version = excluded.version, embedding_id = excluded.embedding_id,"
        " epoch = excluded.epoch, gallery_revision = excluded.gallery_revision,"
        " config_revision = excluded.config_revision",
        (
            hello.device_id,
            now_us,
            now_us,
            address,
            hello.boot_id,
            hello.version,
            hello.embedding_id,
            hello.epoch,
            hello.gallery_revision,
            hello.config_revision,
        ),
    )


def note_gallery(connection: apsw.Connection, device_id: str, revision: int, now_us: int) -> None:
    """Writes down which revision of the gallery a device has."""
    connection.execute(
        "UPDATE devices SET gallery_revision = ?, last_seen_us = ? WHERE device_id = ?", (revision, now_us, device_id)
    )
