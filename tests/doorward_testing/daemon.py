"""The real daemon as a process on a home of its own, for tests."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from doorward_daemon.packs.manifest import InstalledPack

BIN = Path(sys.executable).parent
READY_WITHIN_S = 90.0


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended."""

    code: int
    """Exit code."""
    stdout: str
    """What it printed."""
    stderr: str
    """What it said beside."""

    def json(self) -> Any:  # noqa: ANN401 - JSON is what it is
        """The one document on stdout."""
        return json.loads(self.stdout)


def run_command(name: str, *arguments: str, home: Path, **variables: str) -> CommandResult:
    """Runs an installed command to its end.

    Args:
        name: doorward or doorwardd.
        arguments: its arguments.
        home: DOORWARD_HOME.
        variables: further environment variables.
    """
    env = {**os.environ, "DOORWARD_HOME": str(home), **variables}
    env.pop("DOORWARD_TARGET", None)
    done = subprocess.run(
        [str(BIN / name), *arguments], env=env, capture_output=True, text=True, timeout=120, check=False
    )
    return CommandResult(done.returncode, done.stdout, done.stderr)


class RunningDaemon:
    """`doorwardd serve` on a home, up and ready while the body runs.

    Args:
        home: its home; packs/ in it must hold a pack, see give_pack().
        settings: DOORWARD__SECTION__KEY settings.
    """

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.http_port = free_port()
        self._settings = {"DOORWARD__HTTP__PORT": str(self.http_port), **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "RunningDaemon":
        """Starts the daemon and waits until it is ready."""
        self.start()
        try:
            self.wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def start(self) -> None:
        """Starts the daemon and does not wait."""
        (self.home / "log").mkdir(parents=True, exist_ok=True)
        with (self.home / "log" / "stdout").open("wb") as out:
            self._process = subprocess.Popen(
                [str(BIN / "doorwardd"), "serve"],
                env={**os.environ, "DOORWARD_HOME": str(self.home), **self._settings},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops the daemon."""
        self.stop()

    @property
    def pid(self) -> int:
        """Process id."""
        assert self._process is not None
        return self._process.pid

    def client(self, *arguments: str, **variables: str) -> CommandResult:
        """Runs `doorward` against this daemon."""
        return run_command("doorward", *arguments, home=self.home, **variables)

    def wait_until_ready(self) -> None:
        """Waits for readiness.

        Raises:
            AssertionError: the daemon ended or took too long; with its output.
        """
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.poll() is None, f"ended with {self._process.returncode}:\n{self.output()}"
            if self.readiness()[0] == 200:
                return
            time.sleep(0.02)
        raise AssertionError(f"not ready after {READY_WITHIN_S} s: {self.readiness()}\n{self.output()}")

    def readiness(self) -> tuple[int, str]:
        """Status and body of /readyz; (0, reason) while nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/readyz", timeout=2) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def resident_bytes(self) -> int:
        """Resident memory of the daemon now."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def output(self) -> str:
        """What it printed so far."""
        return (self.home / "log" / "stdout").read_text("utf-8", "replace")

    def stop(self) -> int:
        """Sends SIGTERM and waits; the exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def wait(self) -> int:
        """Waits until it has ended by itself; the exit code."""
        assert self._process is not None
        return self._process.wait(timeout=20)

    def kill(self) -> None:
        """Kills it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def give_pack(home: Path, pack: InstalledPack) -> None:
    """Lets a home use the packs of the test cache."""
    home.mkdir(parents=True, exist_ok=True)
    store = pack.folder.parents[1]
    if not (home / "packs").exists():
        done = run_command(
            "doorwardd", "models", "pull", pack.manifest.name, "--from", str(store), "--offline", home=home
        )
        assert done.code == 0, done.stderr
