"""What a command works with."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from doorward_client.blocking import DoorwardClient
from doorward_client.words import Words


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command."""

    client: DoorwardClient
    """The open connection, at the role's own socket."""
    options: argparse.Namespace
    """What was typed; the names are those of cli/arguments.py."""
    words: Words
    """The language of the person."""
    note: Callable[[str], None]
    """Says something beside the answer, on stderr."""
    emit: Callable[[dict[str, Any], str], bool]
    """Prints one of many answers, for machines or for people; False once nobody reads them any more."""
