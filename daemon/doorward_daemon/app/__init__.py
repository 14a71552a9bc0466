"""The composition root: builds the daemon in dependency order and stops it in reverse."""
