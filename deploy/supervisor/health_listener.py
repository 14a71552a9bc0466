"""supervisord event listener: asks the daemon how it is every five seconds and restarts one that hangs.

supervisord itself sees only that a process exists. A daemon whose event loop or pipeline stands still exists, too.
"""

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from xmlrpc.client import Fault

from supervisor import childutils

PROGRAM = "doorwardd"
PATIENCE = 3
"""So many ticks (of five seconds) without an answer, one after the other, mean that it hangs."""
ANSWER_WITHIN_S = 4.0


def is_alive(url: str) -> bool:
    """Whether the daemon answers at all; what it answers is for /readyz and alarms, not for a restart."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_WITHIN_S) as reply:
            return bool(reply.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


class Patience:
    """Counts ticks without an answer.

    Args:
        ask: whether the daemon answers.
        is_running: whether supervisord says that it runs; one that is down or starting is supervisord's own business.
        restart: restarts it.
    """

    def __init__(self, ask: Callable[[], bool], is_running: Callable[[], bool], restart: Callable[[], None]) -> None:
        self._ask = ask
        self._is_running = is_running
        self._restart = restart
        self._silent_ticks = 0

    def tick(self) -> None:
        """Looks once."""
        if not self._is_running() or self._ask():
            self._silent_ticks = 0
            return
        self._silent_ticks += 1
        if self._silent_ticks >= PATIENCE:
            self._silent_ticks = 0
            self._restart()


def main() -> None:
    """Answers supervisord's ticks for ever; stdout belongs to its protocol."""
    port = os.environ.get("DOORWARD__HTTP__PORT", "8321")
    supervisor = childutils.getRPCInterface(os.environ).supervisor

    def is_running() -> bool:
        return bool(supervisor.getProcessInfo(PROGRAM)["statename"] == "RUNNING")

    def restart() -> None:
        sys.stderr.write(f"{PROGRAM} has not answered {PATIENCE} times: it is restarted\n")
        try:
            # SIGABRT leaves all stacks in the log (faulthandler); supervisord starts it again by itself.
            supervisor.signalProcess(PROGRAM, "SIGABRT")
        except Fault as fault:
            sys.stderr.write(f"restart failed: {fault.faultString}\n")

    patience = Patience(lambda: is_alive(f"http://127.0.0.1:{port}/healthz"), is_running, restart)
    while True:
        childutils.listener.wait(sys.stdin, sys.stdout)
        patience.tick()
        childutils.listener.ok(sys.stdout)


if __name__ == "__main__":
    main()
