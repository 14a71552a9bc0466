"""What makes a database file a gallery."""

from doorward_daemon.storage import Schema

# `DWGA` in the header.
GALLERY_SCHEMA = Schema(
    0x44574741,
    "doorward_daemon.gallery",
    "gallery",
    "restore them from a backup, or start with an empty gallery and enrol again",
)
"""Its mark, its scripts, and what to do where it is damaged."""
