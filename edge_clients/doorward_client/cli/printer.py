"""Writes answers and errors: documents on stdout for machines, words for people."""

import json
import os
import sys
from io import TextIOWrapper
from typing import Any, TextIO

from doorward_client.cli.answer import Answer
from doorward_client.cli.exit_code import ExitCode, exit_code_of
from doorward_client.cli.layout import printable
from doorward_client.errors import DoorwardError, Fault
from doorward_client.words import Words


class Printer:
    """The only writer of the command's output.

    Args:
        as_json: one JSON document per run on stdout, in UTF-8 whatever the locale says.
        words: the language for people.
    """

    def __init__(self, *, as_json: bool, words: Words) -> None:
        self._as_json = as_json
        self.words = words
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                # A name that the terminal cannot show must not end the command.
                stream.reconfigure(encoding="utf-8" if as_json else None, errors="replace")

    def answer(self, answer: Answer) -> ExitCode:
        """Prints what a command came to and returns how the process ends."""
        return self._write(_line(answer.document) if self._as_json else answer.text, answer.exit_code)

    def emit(self, document: dict[str, Any], text: str) -> bool:
        """Prints one of many answers; False once nobody reads them any more. A text that is empty is not printed."""
        line = _line(document) if self._as_json else text
        if not line:
            return True
        try:
            print(line, flush=True)
        except OSError:
            # As in _print: what is buffered would fail again when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return False
        return True

    def error(self, error: DoorwardError) -> ExitCode:
        """Prints why a command failed and returns how the process ends."""
        if self._as_json:
            return self._write(_line(error_document(error)), exit_code_of(error))
        self.note("\n".join(self._error_lines(error)))
        return exit_code_of(error)

    def note(self, text: str) -> None:
        """Says something to the person, beside the answer."""
        _print(text, sys.stderr)

    def _error_lines(self, error: DoorwardError) -> list[str]:
        lines = [f"doorward: {self.words.reason(error.reason)} [{error.reason}]", f"  {printable(error.message)}"]
        lines += [
            f"  - {printable(problem.field)}: {printable(problem.problem)}"
            for problem in error.problems
            if problem.problem not in error.message
        ]
        if error.retry_after_s is not None:
            lines.append(f"  {self.words.label('retry_after').format(seconds=error.retry_after_s)}")
        if isinstance(error, Fault) and error.request_id:
            lines.append(f"  {self.words.label('look_up').format(request_id=error.request_id)}")
        if "usage" in error.metadata:
            lines.append(error.metadata["usage"])
        return lines

    def _write(self, text: str, exit_code: ExitCode) -> ExitCode:
        problem = _print(text, sys.stdout)
        if problem is None:
            return exit_code
        self.note(f"doorward: stdout: {problem.strerror}")
        return ExitCode.INTERNAL


def error_document(error: DoorwardError) -> dict[str, Any]:
    """The one shape of errors: `{"error": {"reason", "message", "metadata"}}`; metadata is text only."""
    metadata = dict(error.metadata)
    if error.problems:
        metadata["problems"] = "; ".join(f"{problem.field}: {problem.problem}" for problem in error.problems)
    if error.retry_after_s is not None:
        metadata["retry_after_s"] = f"{error.retry_after_s:g}"
    if error.request_id:
        metadata["request_id"] = error.request_id
    return {"error": {"reason": error.reason, "message": error.message, "metadata": metadata}}


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)


def _print(text: str, stream: TextIO) -> OSError | None:
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        # What is still buffered would fail again, loudly, when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        # A reader that has seen enough is no failure.
        return None if isinstance(error, BrokenPipeError) else error
    return None
