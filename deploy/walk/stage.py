"""The stage of the walk: supervisord with the daemon on a home folder of its own choice."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CONF = ROOT / "deploy" / "supervisor" / "doorward.conf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where things listen on loopback."""

    http: int
    """Health and metrics of the daemon."""
    centre: int
    """The centre."""
    page: int
    """The page."""


class Stage:
    """supervisord and what it starts, up while the body runs.

    Args:
        home: DOORWARD_HOME of everything on the stage.
        ports: where things listen.
        camera: `demo`, a device, an address or a file.
    """

    def __init__(self, home: Path, ports: Ports, camera: str = "demo") -> None:
        self.home = home
        self.ports = ports
        self._camera = camera
        self._env = {
            **os.environ,
            "DOORWARD_HOME": str(home),
            "DOORWARD_BIN": str(BIN),
            "DOORWARD_CONFIG": str(home / "demonstration.toml"),
            "DOORWARD_CENTRE": f"127.0.0.1:{ports.centre}",
            "DOORWARD_PAGE_PORT": str(ports.page),
            "DOORWARD__HTTP__PORT": str(ports.http),
            # The centre's only device stands beside it: it may come back at once.
            "DOORWARD_CENTRAL__UPLINK__RECONNECT_SPREAD_S": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Stage":
        """Starts supervisord; returns at once, see wait_until_ready()."""
        for name in ("log", "run"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        command = [str(BIN / "supervisord"), "--nodaemon", "--configuration", str(CONF)]
        self._process = subprocess.Popen(
            command,
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops everything in order, by force after 15 seconds."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def wait_until_ready(self, timeout_s: float) -> None:
        """Waits until the daemon says that it is ready.

        Raises:
            RuntimeError: it is not, with the end of its log.
        """
        deadline = time.monotonic() + timeout_s
        url = f"http://127.0.0.1:{self.ports.http}/readyz"
        answer = "no answer"
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(url, timeout=1) as reply:
                    if reply.status == 200:
                        return
            except urllib.error.HTTPError as error:
                answer = error.read().decode("utf-8", "replace")
            except OSError as error:
                answer = str(error)
            if self._gave_up():
                break
            time.sleep(0.05)
        raise RuntimeError(f"the daemon is not ready ({answer}); the end of its log:\n{self._log_end()}")

    def wait(self) -> int:
        """Waits until supervisord ends."""
        return 0 if self._process is None else self._process.wait()

    def run(self, command: str, *arguments: str) -> str:
        """Runs an installed command beside the stage.

        Raises:
            RuntimeError: it failed, with what it said.
        """
        done = subprocess.run(
            [str(BIN / command), *arguments], env=self._env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{command} {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _write_configuration(self) -> None:
        # A generated picture is no living person: liveness is asked of real cameras only.
        liveness = "off" if self._camera == "demo" else "preferred"
        text = (Path(__file__).with_name("demonstration.toml.in")).read_text("utf-8")
        for name, value in (("CAMERA", self._camera), ("LIVENESS", liveness), ("CENTRE", self._env["DOORWARD_CENTRE"])):
            text = text.replace(f'"@{name}@"', f'"{value}"')
        (self.home / "demonstration.toml").write_text(text, "utf-8")

    def _gave_up(self) -> bool:
        """Whether the daemon has ended with a code that supervisors do not retry."""
        if self._process is None or self._process.poll() is not None:
            return True
        status = subprocess.run(
            [str(BIN / "supervisorctl"), "-c", str(CONF), "status", "doorwardd"],
            env=self._env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return any(state in status.stdout for state in ("EXITED", "FATAL"))

    def _log_end(self) -> str:
        log = self.home / "log" / "doorwardd.out"
        return "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:]) if log.is_file() else "(no log)"
