"""What can be typed: commands, their arguments, and the options that all of them share."""

import argparse
import math
from collections.abc import Callable, Sequence
from typing import NoReturn

from doorward_client.cli import device, enrol, recognition, subjects
from doorward_client.cli.answer import Answer
from doorward_client.cli.session import Session
from doorward_client.errors import InvalidInput
from doorward_client.words import LANGUAGES

_LONGEST_TIMEOUT_S = 3600.0
_MOST_CANDIDATES = 10


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InvalidInput("USAGE", message, metadata={"usage": self.format_usage().strip()})


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Reads what was typed.

    Returns:
        A namespace with `run`, the command; `writes`, whether it needs the enroller's socket; `json`, `target`,
        `timeout`, `lang`; and the command's own arguments.

    Raises:
        InvalidInput: USAGE.
    """
    parser = _Parser("doorward", description="Asks a Doorward daemon.", parents=[_shared()], allow_abbrev=False)
    parser.set_defaults(json=False, target=None, timeout=None, lang=None, writes=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_device(commands)
    _add_recognition(commands)
    _add_enrol(commands)
    group = commands.add_parser("subjects", help="enrolled subjects", parents=[_shared()], allow_abbrev=False)
    _add_subjects(group.add_subparsers(required=True, metavar="COMMAND"))
    return parser.parse_args(arguments)


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for what add_subparsers returns


def _add_device(commands: "_Commands[_Parser]") -> None:
    _command(commands, "status", device.status, "how the device is")
    _command(commands, "info", device.info, "what the device is, its limits, the role of this socket")
    _command(commands, "packs", device.packs, "the model packs that the daemon knows")
    _command(commands, "self-test", device.self_test, "sends the golden picture through the live pipeline")


def _add_recognition(commands: "_Commands[_Parser]") -> None:
    one = _command(commands, "identify", recognition.identify, "whom a picture shows")
    one.add_argument("--max-candidates", type=_candidates, default=0, metavar="N", help="0 means the daemon's default")
    for parser in (
        one,
        _command(commands, "detect", recognition.detect, "the faces of a picture"),
        _command(commands, "extract", recognition.extract, "the feature of the largest face"),
    ):
        parser.add_argument("image", metavar="IMG")
    two = _command(commands, "verify", recognition.verify, "whether two pictures show the same person")
    two.add_argument("image", metavar="A")
    other = two.add_mutually_exclusive_group(required=True)
    other.add_argument("reference", metavar="B", nargs="?")
    other.add_argument("--subject", metavar="ID", help="compare with an enrolled subject instead of a picture")


def _add_enrol(commands: "_Commands[_Parser]") -> None:
    parser = _command(commands, "enrol", enrol.enrol, "adds pictures of a subject; makes it where it is missing", True)
    parser.add_argument("--id", required=True, metavar="ID", help="1..64 letters, digits, dot, dash, underscore")
    parser.add_argument("--name", default="", metavar="NAME", help="name for a screen, of a subject that is made")
    parser.add_argument("--allow-low-quality", action="store_true", help="enrol below quality 0.6, down to 0.4")
    parser.add_argument("--allow-duplicate", action="store_true", help="enrol a face that somebody else has")
    parser.add_argument("images", metavar="IMG", nargs="+")


def _add_subjects(commands: "_Commands[_Parser]") -> None:
    _command(commands, "list", subjects.list_all, "all of them")
    show = _command(commands, "show", subjects.show, "one with its references")
    rename = _command(commands, "rename", subjects.rename, "another name for a screen", True)
    erase = _command(commands, "erase", subjects.erase, "erases one with all references, for ever", True)
    remove = _command(commands, "remove-reference", subjects.remove_reference, "destroys one reference", True)
    for parser in (show, rename, erase, remove):
        parser.add_argument("subject_id", metavar="ID")
    rename.add_argument("name", metavar="NAME")
    remove.add_argument("reference_id", metavar="REF")


def _command(
    commands: "_Commands[_Parser]", name: str, run: Callable[[Session], Answer], purpose: str, writes: bool = False
) -> _Parser:
    parser = commands.add_parser(name, help=purpose, description=purpose, parents=[_shared()], allow_abbrev=False)
    parser.set_defaults(run=run, writes=writes)
    return parser


def _shared() -> _Parser:
    # Without defaults, so that an option before the command is not undone by the command's own copy of it.
    parser = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--target", metavar="ADDRESS", help="unix:<path> or <loopback>:<port>")
    parser.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="deadline of each call, default 10")
    parser.add_argument("--lang", choices=sorted(LANGUAGES), help="language of words for people")
    return parser


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= _LONGEST_TIMEOUT_S:
        raise argparse.ArgumentTypeError(f"expected seconds above 0, at most {_LONGEST_TIMEOUT_S:g}, found {text!r}")
    return value


def _candidates(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST_CANDIDATES):
        raise argparse.ArgumentTypeError(f"expected 0..{_MOST_CANDIDATES}, found {text!r}")
    return int(text)
