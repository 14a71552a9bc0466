"""The configuration of each device in the database: its own, with its group's what it is to have, how it took that."""

import tomllib

import apsw

from doorward_api.v1 import device_config_pb2
from doorward_central.config_merge import merged, origins
from doorward_central.error import CentreError, field_invalid
from doorward_sync.centre_storage import StoreConfigResult
from doorward_sync.config_keys import CENTRE_KEYS, foreign_keys
from doorward_sync.down_messages import LARGEST_CONFIG_BYTES, ConfigDocument
from doorward_sync.wire_event import to_wire_time

LONGEST_DEVICE_ID = 64
"""Characters."""
_ROW = """
SELECT revision, document, updated_us, device_revision, answered_revision, problem, restart_sections, answered_us
FROM device_configs WHERE device_id = ?
"""
_GROUP = """
SELECT group_name, coalesce(document, '') FROM device_groups LEFT JOIN group_configs USING (group_name)
WHERE device_id = ?
"""


def config_of(connection: apsw.Connection, device_id: str) -> ConfigDocument | None:
    """The configuration a device is to have; None where the centre never held one for it."""
    row = connection.execute("SELECT revision, document FROM device_configs WHERE device_id = ?", (device_id,)).get
    return None if row is None else ConfigDocument(revision=row[0], text=row[1])


def set_config(connection: apsw.Connection, device_id: str, text: str, now_us: int) -> ConfigDocument:
    """Stores a device's own configuration; where it changes what the device is to have, under a new revision.

    Raises:
        CentreError: FIELD_INVALID, CONFIG_INVALID. Only the device knows the ranges of values: it checks them.
    """
    check_device_id(device_id)
    check_document(text)
    return _store(connection, device_id, text, now_us)


def renew_config(connection: apsw.Connection, device_id: str, now_us: int) -> ConfigDocument | None:
    """Makes the configuration of a device anew after its group, or what the group says, has changed.

    Returns:
        What the device is to have; None where there never was anything.

    Raises:
        CentreError: CONFIG_INVALID, together they are too large.
    """
    if config_of(connection, device_id) is None and not group_of(connection, device_id)[1]:
        return None
    return _store(connection, device_id, _own_of(connection, device_id), now_us)


def group_of(connection: apsw.Connection, device_id: str) -> tuple[str, str]:
    """The group of a device and what it says; both empty where the device is in none."""
    row = connection.execute(_GROUP, (device_id,)).fetchone()
    return ("", "") if row is None else (row[0], row[1])


def _store(connection: apsw.Connection, device_id: str, own: str, now_us: int) -> ConfigDocument:
    group, shared = group_of(connection, device_id)
    text = merged(shared, own)
    if len(text.encode()) > LARGEST_CONFIG_BYTES:
        raise _invalid(f"with group {group} device {device_id} would have more than {LARGEST_CONFIG_BYTES} bytes")
    held = config_of(connection, device_id)
    if held is not None and held.text == text:
        connection.execute("UPDATE device_configs SET own_document = ? WHERE device_id = ?", (own, device_id))
        return held
    # Above what the device ever told: a centre that was restored gives no number twice.
    told = connection.execute("SELECT config_revision FROM devices WHERE device_id = ?", (device_id,)).get or 0
    document = ConfigDocument(revision=max(held.revision if held else 0, told) + 1, text=text)
    connection.execute(
        "INSERT INTO device_configs (device_id, revision, document, own_document, updated_us) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET revision = excluded.revision, document = excluded.document,"
        " own_document = excluded.own_document, updated_us = excluded.updated_us",
        (device_id, document.revision, text, own, now_us),
    )
    return document


def _own_of(connection: apsw.Connection, device_id: str) -> str:
    found = connection.execute("SELECT own_document FROM device_configs WHERE device_id = ?", (device_id,)).get
    return "" if found is None else str(found)


def note_result(connection: apsw.Connection, command: StoreConfigResult, now_us: int) -> None:
    """Notes how a device took its configuration."""
    result = command.result
    connection.execute(
        "UPDATE device_configs SET device_revision = ?, answered_revision = ?, problem = ?, restart_sections = ?,"
        " answered_us = ? WHERE device_id = ?",
        (
            result.revision,
            result.offered_revision,
            result.problem,
            " ".join(result.restart_sections),
            now_us,
            command.device_id,
        ),
    )
    connection.execute(
        "UPDATE devices SET config_revision = ? WHERE device_id = ?", (result.revision, command.device_id)
    )


def show_config(connection: apsw.Connection, device_id: str) -> device_config_pb2.DeviceConfig:
    """The configuration of a device as the wire contract shows it.

    Raises:
        CentreError: FIELD_INVALID.
    """
    check_device_id(device_id)
    group, shared = group_of(connection, device_id)
    row = connection.execute(_ROW, (device_id,)).fetchone()
    if row is None:
        return device_config_pb2.DeviceConfig(device_id=device_id, group=group)
    own = _own_of(connection, device_id)
    document = ConfigDocument(revision=row[0], text=row[1])
    return device_config_pb2.DeviceConfig(
        device_id=device_id,
        revision=document.revision,
        document_toml=document.text,
        digest=document.digest,
        update_time=to_wire_time(row[2]),
        device_revision=row[3],
        answered_revision=row[4],
        problem=row[5],
        restart_sections=row[6].split(),
        answer_time=None if row[7] is None else to_wire_time(row[7]),
        group=group,
        group_document_toml=shared,
        own_document_toml=own,
        origins=origins(shared, own),
    )


def check_device_id(device_id: str) -> None:
    """Raises CentreError FIELD_INVALID where a device could not be called that."""
    if not 1 <= len(device_id) <= LONGEST_DEVICE_ID:
        raise field_invalid("device_id", f"it has {len(device_id)} characters; 1..{LONGEST_DEVICE_ID} are expected")


def check_document(text: str) -> None:
    """Raises CentreError CONFIG_INVALID where a text is no configuration that may come from the centre."""
    size = len(text.encode())
    if size > LARGEST_CONFIG_BYTES:
        raise _invalid(f"it has {size} bytes; at most {LARGEST_CONFIG_BYTES} are taken")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(f"it is not TOML: {error}") from error
    if foreign := foreign_keys(raw):
        allowed = ", ".join(
            section if keys is None else "/".join(f"{section}.{key}" for key in sorted(keys))
            for section, keys in CENTRE_KEYS.items()
        )
        raise _invalid(f"{', '.join(foreign)} may not come from the centre; these may: {allowed}")


def _invalid(found: str) -> CentreError:
    return CentreError("CONFIG_INVALID", f"the configuration was not stored: {found}")
