"""One peer: its environment, its process, its answers."""

import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Peer:
    """What peers.toml says."""

    name: str
    """Its name."""
    title: str
    """What it is, in a table."""
    script: str
    """The script that answers for it."""
    requirements: tuple[str, ...] = ()
    """What pip installs; nothing: it runs in this environment."""
    without_dependencies: tuple[str, ...] = ()
    """What pip installs without what it asks for."""

    @classmethod
    def read(cls, name: str, entry: dict[str, Any]) -> "Peer":
        """Reads an entry."""
        lists = {key: tuple(entry.get(key, ())) for key in ("requirements", "without_dependencies")}
        return cls(name, entry["title"], entry["script"], **lists)

    def python(self, environments: Path) -> Path:
        """The interpreter of its environment, which is made where it is missing.

        Raises:
            subprocess.CalledProcessError: pip cannot install it.
        """
        if not self.requirements:
            return Path(sys.executable)
        folder = environments / self.name
        python, mark = folder / "bin" / "python", folder / "installed"
        wanted = "\n".join((*self.requirements, *self.without_dependencies))
        if not mark.exists() or mark.read_text("utf-8") != wanted:
            sys.stderr.write(f"installing {self.name} into {folder}\n")
            venv.create(folder, with_pip=True, clear=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, *self.requirements], check=True, stdout=sys.stderr)
            if self.without_dependencies:
                subprocess.run([*pip, "--no-deps", *self.without_dependencies], check=True, stdout=sys.stderr)
            mark.write_text(wanted, "utf-8")
        return python


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer made of a picture."""

    ms: float
    """Encoded picture to vector, milliseconds."""
    vector: tuple[float, ...] | None
    """The vector; None where it found no face."""


class Answering:
    """A peer's process.

    Args:
        process: with pipes at stdin and stdout.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.version = str(self._read()["version"])
        """Version of the peer."""

    def ask(self, picture: Path) -> Answer:
        """Has it look at a picture.

        Raises:
            RuntimeError: it has ended.
        """
        if self._process.stdin is None:
            raise RuntimeError("the peer has no stdin")
        self._process.stdin.write(f"{picture}\n")
        self._process.stdin.flush()
        told = self._read()
        return Answer(told["ms"], None if told["vector"] is None else tuple(told["vector"]))

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"{self._process.args}: ended with {self._process.wait()}; what it said stands above")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def answering(peer: Peer, environments: Path, arguments: Sequence[str]) -> Iterator[Answering]:
    """Starts a peer and ends it.

    Args:
        peer: whom.
        environments: folder of the environments.
        arguments: of its script.
    """
    command = [str(peer.python(environments)), str(HERE / peer.script), *arguments]
    # Leaving closes the pipes and waits: a peer ends with its stdin.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Answering(process)
