"""The signals that ask the daemon to stop."""

import asyncio
import os
import signal

from doorward_daemon.errors import ExitCode


def listen_for_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; a second signal ends the process at once. For the running loop."""
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask() -> None:
        if asked_to_stop.is_set():
            # The second signal: whoever sent it does not want to wait for the grace of calls in hand.
            os._exit(ExitCode.INTERNAL)
        asked_to_stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask)
    return asked_to_stop
