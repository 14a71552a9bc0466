"""Starts of the daemon in ledger-only mode, measured to the moment at which it tells its supervisor: ready."""

import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.errors import ErrorReason, Fault

_READY_WITHIN_S = 30.0
_STOP_WITHIN_S = 10.0
_LIBRARIES = "import asyncio, apsw, grpc.aio, google.protobuf.message, prometheus_client, pydantic"
"""What the daemon in this mode cannot do without: the floor under its start."""


@dataclass(frozen=True, slots=True)
class LedgerStart:
    """One start."""

    to_ready_ms: float
    """From the exec of the process to READY=1, milliseconds."""
    resident_mb: float
    """Resident memory then, in 10^6 bytes."""


def start_ledger_once(folder: Path, *, kill: bool) -> LedgerStart:
    """Starts `doorwardd serve --ledger-only` on <folder>/home, waits until it is ready, ends it.

    Args:
        folder: for the home, the socket of the notices and the bytecode.
        kill: whether it ends by SIGKILL, so that the next start finds what a power cut leaves.

    Raises:
        Fault: INTERNAL, it ended, or was not ready in time.
    """
    notices = folder / "notices"
    notices.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(notices))
        settings = (f"DOORWARD_HOME={folder / 'home'}", f"NOTIFY_SOCKET={notices}", "DOORWARD__HTTP__PORT=0")
        command = [*_environment(folder), *settings, sys.executable, "-m", "doorward_daemon", "serve", "--ledger-only"]
        started_ns = time.perf_counter_ns()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            _wait_until_ready(supervisor, process)
            to_ready_ms = (time.perf_counter_ns() - started_ns) / 1e6
            return LedgerStart(to_ready_ms, resident_mb(process.pid))
        finally:
            process.kill() if kill else process.terminate()
            process.wait(_STOP_WITHIN_S)


def import_libraries_once(folder: Path) -> float:
    """Milliseconds from the exec of an interpreter to the end of one that has only imported the libraries."""
    started_ns = time.perf_counter_ns()
    subprocess.run([*_environment(folder), sys.executable, "-c", _LIBRARIES], check=True)
    return (time.perf_counter_ns() - started_ns) / 1e6


def resident_mb(pid: int) -> float:
    """Resident memory of a process now, in 10^6 bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kibibytes) * 1024 / 1e6


def _environment(folder: Path) -> list[str]:
    # An installed daemon has its bytecode beside it; a checkout may be told not to write any.
    return ["env", "-u", "PYTHONDONTWRITEBYTECODE", f"PYTHONPYCACHEPREFIX={folder / 'bytecode'}"]


def _wait_until_ready(supervisor: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + _READY_WITHIN_S
    supervisor.settimeout(0.2)
    while time.monotonic() < deadline_s:
        try:
            if b"READY=1" in supervisor.recv(4096):
                return
        except TimeoutError:
            if process.poll() is not None:
                break
    found = "ended" if process.poll() is not None else f"was not ready within {_READY_WITHIN_S:.0f} s"
    raise Fault(
        ErrorReason.INTERNAL, f"doorwardd serve --ledger-only {found}; what it says is above, and in its log folder"
    )
