"""The real daemon with a gallery of random subjects, asked over its socket."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from doorward_daemon.errors import ErrorReason, Fault
from doorward_daemon.gallery import open_gallery
from doorward_daemon.model.template import Template
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.daemon_process import serving
from doorward_daemon.tools.random_gallery import enrol_random

LINKED = ("packs", "cache", "doorward.toml")
"""What the temporary home borrows from the real one."""


@dataclass(frozen=True, slots=True)
class ServedDaemon:
    """A daemon that serves."""

    target: str
    """Where: its operator's socket."""
    picture: Path
    """The picture it is asked about."""

    def load(self, concurrency: int, seconds: float) -> dict[str, Any]:
        """Asks it through the command-line client, as tools speak no gRPC themselves.

        Args:
            concurrency: calls at once.
            seconds: how long.

        Raises:
            Fault: INTERNAL, the daemon or the client failed.
        """
        command = [sys.executable, "-m", "doorward_client.cli", "load", str(self.picture), "--json"]
        asked = ("--target", self.target, "--concurrency", str(concurrency), "--seconds", str(seconds))
        done = subprocess.run([*command, *asked], capture_output=True, text=True, check=False, timeout=60 + 2 * seconds)
        if done.returncode != 0:
            raise Fault(ErrorReason.INTERNAL, f"doorward load ended with {done.returncode}: {done.stdout}{done.stderr}")
        report: dict[str, Any] = json.loads(done.stdout)
        return report


@contextmanager
def open_daemon(
    context: ToolContext, pack: str, content: bytes, subjects: int, like: Template
) -> Iterator[ServedDaemon]:
    """Starts the daemon on a temporary home and stops it.

    Args:
        context: home and settings.
        pack: name of an installed pack.
        content: the picture it will be asked about.
        subjects: in its gallery.
        like: template of the last of them.

    Raises:
        Fault: INTERNAL, it does not come up; its last words are in the message.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="dw-")))
        home = folder / "home"
        (home / "data").mkdir(parents=True)
        for name in LINKED:
            if (context.home / name).exists():
                (home / name).symlink_to((context.home / name).resolve())
        with open_gallery(home / "data", like.embedding_id, context.gallery) as gallery:
            enrol_random(gallery, subjects, like)
        picture = folder / "picture.jpg"
        picture.write_bytes(content)
        stack.enter_context(serving(home, pack))
        yield ServedDaemon(f"unix:{home / 'run' / 'operator.sock'}", picture)
