"""The real daemon as a process of its own, for measuring."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.errors import ErrorReason, Fault
from doorward_daemon.tools.ledger_start import resident_mb

POLL_S = 0.01
"""Pause between two questions to /readyz."""
READY_WITHIN_S = 120.0
"""A first start compiles the models, on one slow core for up to a minute."""
STOP_WITHIN_S = 20.0
"""Longer than the daemon's own grace."""
LAST_WORDS = 15
"""Lines of its output that are shown of a daemon that does not come up."""
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the daemon."""

    to_serving_ms: float
    """From the exec of the process to SERVING, milliseconds."""
    resident_mb: float
    """Resident memory after one identification, in 10^6 bytes."""
    identified: bool
    """Whether that identification was answered."""


def start_once(home: Path, pack: str, picture: Path) -> Start:
    """Starts `doorwardd serve`, waits until it serves, identifies once, and stops it.

    Args:
        home: its home; must hold the pack.
        pack: name of the pack.
        picture: to identify.

    Raises:
        Fault: INTERNAL, it ended, or did not serve in time.
    """
    started_ns = time.perf_counter_ns()
    with serving(home, pack) as served:
        to_serving_ms = (time.perf_counter_ns() - started_ns) / 1e6
        identified = _identify(home, picture)
        return Start(to_serving_ms, resident_mb(served.pid), identified)


@dataclass(frozen=True, slots=True)
class Served:
    """A daemon that serves."""

    pid: int
    """Its process."""
    http_port: int
    """Port of its health and metrics on loopback."""


@contextmanager
def serving(home: Path, pack: str) -> Iterator[Served]:
    """Starts `doorwardd serve`, says where it is once it serves, and stops it.

    Args:
        home: its home; must hold the pack.
        pack: name of the pack.

    Raises:
        Fault: INTERNAL, it ended, or did not serve in time.
    """
    port = _free_port()
    settings = (f"DOORWARD_HOME={home}", "DOORWARD__HTTP__ENABLED=true", f"DOORWARD__HTTP__HOST={_HOST}",
                f"DOORWARD__HTTP__PORT={port}", f"DOORWARD__PACK__NAME={pack}")  # fmt: skip
    output = home / "output"
    with _process(settings, output) as process:
        _wait_until_serving(process, port, output)
        yield Served(process.pid, port)


@contextmanager
def _process(settings: tuple[str, ...], output: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with output.open("wb") as sink:
        # env(1) sets the variables and then becomes the daemon: same process, and the rest of the environment is kept.
        command = ["env", *settings, sys.executable, "-m", "doorward_daemon", "serve"]
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_serving(process: "subprocess.Popen[bytes]", port: int, output: Path) -> None:
    deadline_s = time.monotonic() + READY_WITHIN_S
    while not _is_ready(port):
        if process.poll() is not None:
            raise _did_not_serve(f"ended with exit code {process.returncode}", output)
        if time.monotonic() > deadline_s:
            raise _did_not_serve(f"did not serve within {READY_WITHIN_S:.0f} s", output)
        time.sleep(POLL_S)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(_HOST, port, timeout=1.0)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _identify(home: Path, picture: Path) -> bool:
    """Identifies through the command-line client, as an operator would; tools speak no gRPC themselves."""
    target = f"DOORWARD_TARGET=unix:{home / 'run' / 'operator.sock'}"
    command = ["env", target, sys.executable, "-m", "doorward_client.cli", "identify", str(picture)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=60)
    return done.returncode == 0


def _did_not_serve(what: str, output: Path) -> Fault:
    words = "\n".join(output.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_WORDS:])
    return Fault(
        ErrorReason.INTERNAL,
        f"doorwardd serve {what}; its last words:\n{words}\nrun `doorwardd check-config` and `doorwardd self-test`",
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
