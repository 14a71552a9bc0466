"""Which events the centre should see before the backlog is through."""

ALARM_KINDS = (
    "door.fault",
    "door.forced",
    "door.held_open",
    "camera.lost",
    "device.tampered",
    "storage.state_changed",
    "journal.recovered",
    "journal.quarantined",
)
"""Kinds somebody has to act on; an event of them runs ahead of the queue as a hint."""
