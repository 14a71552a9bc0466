"""supervisord with the daemon, as `make run` starts it, on a home of its own, for tests."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from doorward_testing.daemon import BIN, free_port

CONF = Path(__file__).resolve().parents[2] / "deploy" / "supervisor" / "doorward.conf"


def wait_for(what: Callable[[], bool], within_s: float, name: str) -> float:
    """Waits until something is so.

    Returns:
        How long that took, seconds.

    Raises:
        AssertionError: it is not, in time.
    """
    began_s = time.monotonic()
    while not what():
        assert time.monotonic() - began_s < within_s, f"{name}: not within {within_s} s"
        time.sleep(0.02)
    return time.monotonic() - began_s


class Supervised:
    """supervisord and what it starts, while the body runs.

    Args:
        home: the home of the daemon.
        settings: DOORWARD__SECTION__KEY settings.
    """

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self._port = free_port()
        self._env = {
            **os.environ,
            "DOORWARD_HOME": str(home),
            "DOORWARD_BIN": str(BIN),
            "DOORWARD_CONFIG": str(home / "doorward.toml"),
            "DOORWARD_CENTRE": f"127.0.0.1:{free_port()}",
            "DOORWARD_PAGE_PORT": str(free_port()),
            "DOORWARD__HTTP__PORT": str(self._port),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Supervised":
        """Starts supervisord; does not wait."""
        for name in ("log", "run"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        (self.home / "doorward.toml").touch()
        self._process = subprocess.Popen(
            [str(BIN / "supervisord"), "--nodaemon", "--configuration", str(CONF)],
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops everything, by force where it must."""
        assert self._process is not None
        if self._process.poll() is None:
            try:
                self.stop(20.0)
            except subprocess.TimeoutExpired:
                pid = self.pid()
                self._process.kill()
                self._process.wait()
                if pid:
                    os.kill(pid, signal.SIGKILL)
                raise

    def stop(self, within_s: float) -> float:
        """Sends SIGTERM to supervisord; how long it took until it had ended, seconds."""
        assert self._process is not None
        began_s = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=within_s)
        return time.monotonic() - began_s

    def status(self) -> str:
        """What supervisorctl says about the daemon: its state, then details."""
        done = subprocess.run(
            [str(BIN / "supervisorctl"), "-c", str(CONF), "status", "doorwardd"],
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.removeprefix("doorwardd").strip()

    def pid(self) -> int:
        """Process of the daemon; 0 while there is none."""
        words = self.status().split()
        return int(words[words.index("pid") + 1].strip(",")) if "pid" in words else 0

    def is_ready(self) -> bool:
        """Whether the daemon says that it is ready."""
        return self.answer("readyz")[0] == 200

    def answer(self, page: str) -> tuple[int, str]:
        """Status and body of a page of the daemon; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/{page}", timeout=1) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def log(self, name: str) -> str:
        """What a log of supervisord holds."""
        path = self.home / "log" / name
        return path.read_text("utf-8", "replace") if path.is_file() else ""
