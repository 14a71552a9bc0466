"""How long work tells a person that it goes on."""

from typing import Protocol


class Progress(Protocol):
    """Listens to one piece of work after another."""

    def start(self, label: str, total_bytes: int | None) -> None:
        """A piece of work begins.

        Args:
            label: what it is, for people.
            total_bytes: how much it is; None = not known or not counted.
        """

    def advance(self, n_bytes: int) -> None:
        """So many more bytes are done."""

    def done(self) -> None:
        """The piece of work has ended."""


class SilentProgress:
    """Tells nobody."""

    def start(self, label: str, total_bytes: int | None) -> None:
        """Ignored."""

    def advance(self, n_bytes: int) -> None:
        """Ignored."""

    def done(self) -> None:
        """Ignored."""
