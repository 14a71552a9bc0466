"""The client of a Doorward daemon: asyncio and sync."""
