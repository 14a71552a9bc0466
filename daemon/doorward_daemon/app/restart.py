"""The centre may ask for a restart: the process ends as if it was told to stop, and its supervisor has it back."""

import asyncio

from doorward_daemon.errors import ExitCode


class Restart:
    """Whether a restart was asked for. Made on the loop that serves; `ask` from any thread.

    Args:
        asked_to_stop: ends the daemon.
    """

    def __init__(self, asked_to_stop: asyncio.Event) -> None:
        self.asked_to_stop = asked_to_stop
        self._loop = asyncio.get_running_loop()
        self._is_asked = False

    def ask(self) -> None:
        """Ends the daemon soon."""
        self._is_asked = True
        self._loop.call_soon_threadsafe(self.asked_to_stop.set)

    def code_of(self, code: ExitCode = ExitCode.DONE) -> ExitCode:
        """How the process ends: with 70 where it is to come back, because supervisors leave a 0 alone."""
        return ExitCode.INTERNAL if self._is_asked else code
