"""What a command came to, for machines and for people."""

from dataclasses import dataclass
from typing import Any

from doorward_client.cli.exit_code import ExitCode


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of one command."""

    document: dict[str, Any]
    """What `--json` prints: the response message by the rules of doorward_client.document."""
    text: str
    """What is printed for a person."""
    exit_code: ExitCode = ExitCode.DONE
    """How the process ends."""
