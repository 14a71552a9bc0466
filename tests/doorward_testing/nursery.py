"""A process that has imported everything and forks one of it for each life: a kill campaign without waiting for Python.

What is born runs the same `main` as the installed command. The nursery starts no thread and opens no channel or
database before it forks, so that its children find the libraries as a fresh process does.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from types import TracebackType
from typing import Any


class Nursery:
    """Starts lives of one program. A context manager; every life ends with it.

    Args:
        program: `module:function`, called with the arguments of each life; answers with the exit code.
        rooms: further modules to have at hand, which the program imports late.
    """

    def __init__(self, program: str, *rooms: str) -> None:
        self._command = [program, *rooms]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Nursery":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "doorward_testing.nursery", *self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        assert self._answer() == "ready"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def bear(self, *arguments: str, log: str = os.devnull, **variables: str) -> int:
        """Starts a life.

        Args:
            arguments: of the program.
            log: file for what it prints.
            variables: further environment variables.

        Returns:
            Its process id.
        """
        return int(self._ask({"bear": arguments, "log": log, "variables": variables}))

    def kill(self, pid: int) -> int:
        """Ends a life by SIGKILL, wherever it is; returns its exit code, -9 unless it was over already."""
        return int(self._ask({"end": pid, "signal": signal.SIGKILL}))

    def stop(self, pid: int) -> int:
        """Ends a life by SIGTERM and waits; returns its exit code."""
        return int(self._ask({"end": pid, "signal": signal.SIGTERM}))

    def is_over(self, pid: int) -> bool:
        """Whether a life has ended by itself."""
        return self._ask({"look": pid}) == "True"

    def _ask(self, request: dict[str, object]) -> str:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the nursery has ended"
        return line


def _raise_children(program: str, *rooms: str) -> None:
    module, _, name = program.partition(":")
    main = getattr(importlib.import_module(module), name)
    for room in rooms:
        importlib.import_module(room)
    ended: dict[int, int] = {}
    alive: set[int] = set()
    _say("ready")
    for line in sys.stdin:
        request = json.loads(line)
        if "bear" in request:
            pid = os.fork()
            if pid == 0:
                _live(main, request)
            alive.add(pid)
            _say(pid)
        elif "look" in request:
            _say(_has_ended(request["look"], ended))
        else:
            _say(_end(request["end"], request["signal"], ended))
            alive.discard(request["end"])
    for pid in alive - set(ended):
        _end(pid, signal.SIGKILL, ended)


def _live(main: Any, request: dict[str, Any]) -> None:  # noqa: ANN401 - whatever program this is
    code = 1
    try:
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, standard in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(descriptor, standard)
        os.environ.update(request["variables"])
        code = int(main(request["bear"]))
    except BaseException:  # noqa: BLE001 - a forked child must not return into the nursery's loop, whatever happens
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _end(pid: int, number: int, ended: dict[int, int]) -> int:
    if pid not in ended:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        ended[pid] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return ended.pop(pid)


def _has_ended(pid: int, ended: dict[int, int]) -> bool:
    if pid not in ended:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found == pid:
            ended[pid] = os.waitstatus_to_exitcode(status)
    return pid in ended


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _raise_children(*sys.argv[1:])
