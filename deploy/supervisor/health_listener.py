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
        signal: sends it a signal; supervisord starts it again by itself.
    """

    def __init__(self, ask: Callable[[], bool], is_running: Callable[[], bool], signal: Callable[[str], None]) -> None:
        self._ask = ask
        self._is_running = is_running
        self._signal = signal
        self._silent_ticks = 0

    def tick(self) -> None:
        """Looks once."""
        if not self._is_running() or self._ask():
            self._silent_ticks = 0
            return
        self._silent_ticks += 1
        if self._silent_ticks == PATIENCE:
            # Leaves all stacks in the log (faulthandler).
            self._signal("SIGABRT")
        elif self._silent_ticks > PATIENCE:
            # A process that is stopped, or stuck in the kernel, takes no other signal.
            self._silent_ticks = 0
            self._signal("SIGKILL")


def main() -> None:
    """Answers supervisord's ticks for ever; stdout belongs to its protocol."""
    port = os.environ.get("DOORWARD__HTTP__PORT", "8321")
    supervisor = childutils.getRPCInterface(os.environ).supervisor

    def is_running() -> bool:
        return bool(supervisor.getProcessInfo(PROGRAM)["statename"] == "RUNNING")

    def signal(name: str) -> None:
        sys.stderr.write(f"{PROGRAM} does not answer: {name}\n")
        try:
            supervisor.signalProcess(PROGRAM, name)
        except Fault as fault:
            sys.stderr.write(f"{name} failed: {fault.faultString}\n")

    patience = Patience(lambda: is_alive(f"http://127.0.0.1:{port}/healthz"), is_running, signal)
    while True:
        childutils.listener.wait(sys.stdin, sys.stdout)
        patience.tick()
        childutils.listener.ok(sys.stdout)


if __name__ == "__main__":
    main()
