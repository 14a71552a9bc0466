"""Runs the operator command line in this process and keeps what it printed."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from doorward_client.cli.__main__ import main


@dataclass(frozen=True, slots=True)
class Run:
    """One finished command."""

    exit_code: int
    """How the process would have ended."""
    out: str
    """Its stdout."""
    err: str
    """Its stderr."""

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        """The one JSON document of its stdout."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


class CommandLine:
    """`doorward` at one target.

    Args:
        target: value of --target.
        captured: pytest's capture of stdout and stderr.
    """

    def __init__(self, target: str, captured: pytest.CaptureFixture[str]) -> None:
        self._target = target
        self._captured = captured

    def __call__(self, *arguments: object) -> Run:
        """Runs one command."""
        exit_code = main(["--target", self._target, *map(str, arguments)])
        printed = self._captured.readouterr()
        return Run(exit_code, printed.out, printed.err)
