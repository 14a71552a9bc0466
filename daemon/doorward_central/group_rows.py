"""Groups of devices in the database: who belongs to which, and the configuration its devices share."""

import re

import apsw

from doorward_api.v1 import device_config_pb2
from doorward_central.config_rows import check_device_id, check_document, renew_config
from doorward_central.error import field_invalid
from doorward_sync.down_messages import ConfigDocument
from doorward_sync.wire_event import to_wire_time

Changed = tuple[tuple[str, ConfigDocument], ...]
"""Devices, and what each is to have now."""
_GROUP = re.compile(r"[A-Za-z0-9._-]{1,64}")


def set_device_group(connection: apsw.Connection, device_id: str, group: str, now_us: int) -> Changed:
    """Puts a device into a group and out of the one it was in.

    Args:
        connection: the database.
        device_id: the device; it need not have been seen yet.
        group: its name; empty puts the device into none.
        now_us: wall clock, microseconds since 1970 UTC.

    Raises:
        CentreError: FIELD_INVALID, CONFIG_INVALID.
    """
    check_device_id(device_id)
    connection.execute("DELETE FROM device_groups WHERE device_id = ?", (device_id,))
    if group:
        _check_name(group)
        connection.execute("INSERT INTO device_groups (device_id, group_name) VALUES (?, ?)", (device_id, group))
    return _renewed(connection, (device_id,), now_us)


def set_group_config(connection: apsw.Connection, group: str, text: str, now_us: int) -> Changed:
    """Stores what the devices of a group share; each whose configuration it changes gets a new revision.

    Raises:
        CentreError: FIELD_INVALID, CONFIG_INVALID; nothing was stored.
    """
    _check_name(group)
    check_document(text)
    before = connection.execute("SELECT document FROM group_configs WHERE group_name = ?", (group,)).get
    if before == text:
        return ()
    connection.execute(
        "INSERT INTO group_configs (group_name, document, updated_us) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET document = excluded.document, updated_us = excluded.updated_us",
        (group, text, now_us),
    )
    return _renewed(connection, _members(connection, group), now_us)


def show_group(connection: apsw.Connection, group: str) -> device_config_pb2.GroupConfig:
    """What the devices of a group share, and who they are.

    Raises:
        CentreError: FIELD_INVALID.
    """
    _check_name(group)
    row = connection.execute("SELECT document, updated_us FROM group_configs WHERE group_name = ?", (group,)).fetchone()
    return device_config_pb2.GroupConfig(
        group=group,
        document_toml="" if row is None else row[0],
        update_time=None if row is None else to_wire_time(row[1]),
        device_ids=_members(connection, group),
    )


def _members(connection: apsw.Connection, group: str) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT device_id FROM device_groups WHERE group_name = ? ORDER BY device_id", (group,)
    ).fetchall()
    return tuple(str(device_id) for (device_id,) in rows)


def _renewed(connection: apsw.Connection, devices: tuple[str, ...], now_us: int) -> Changed:
    found = ((device_id, renew_config(connection, device_id, now_us)) for device_id in devices)
    return tuple((device_id, document) for device_id, document in found if document is not None)


def _check_name(group: str) -> None:
    if not _GROUP.fullmatch(group):
        raise field_invalid("group", f"found {group!r}; expected 1..64 letters, digits, . - _")
