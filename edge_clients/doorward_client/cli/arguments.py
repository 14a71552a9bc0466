"""What can be typed: commands, their arguments, and the options that all of them share."""

import argparse
import math
from collections.abc import Callable, Sequence
from typing import NoReturn

from doorward_client.cli import device, enrol, events, load, recognition, site, subjects
from doorward_client.cli.answer import Answer
from doorward_client.cli.session import Session
from doorward_client.errors import InvalidInput
from doorward_client.words import LANGUAGES

_LONGEST_TIMEOUT_S = 3600.0
_MOST_CANDIDATES = 10
_LAST_SEQ = 2**63 - 1
_MOST_EVENTS = 500
_MOST_CALLS = 64


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
    _add_recognition(commands, _is_given("--subject", arguments))
    _add_enrol(commands)
    group = commands.add_parser("subjects", help="enrolled subjects", parents=[_shared()], allow_abbrev=False)
    _add_subjects(group.add_subparsers(required=True, metavar="COMMAND"), _is_given("--event", arguments))
    _add_site(commands)
    group = commands.add_parser("events", help="what was recorded", parents=[_shared()], allow_abbrev=False)
    _add_events(group.add_subparsers(required=True, metavar="COMMAND"))
    group = commands.add_parser("door", help="doors of the device", parents=[_shared()], allow_abbrev=False)
    _add_door(group.add_subparsers(required=True, metavar="COMMAND"))
    return parser.parse_args(arguments)


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for what add_subparsers returns


def _add_device(commands: "_Commands[_Parser]") -> None:
    _command(commands, "status", device.status, "how the device is")
    _command(commands, "info", device.info, "what the device is, its limits, the role of this socket")
    _command(commands, "packs", device.packs, "the model packs that the daemon knows")
    _command(commands, "self-test", device.self_test, "sends the golden picture through the live pipeline")


def _is_given(option: str, arguments: Sequence[str]) -> bool:
    """Whether an option was typed that stands for pictures.

    Pictures that may be missing count as missing as soon as an option stands before them (Python 3.11): so they may be
    missing only where what stands for them was typed.
    """
    return any(word.partition("=")[0] == option for word in arguments)


def _add_recognition(commands: "_Commands[_Parser]", is_enrolled: bool) -> None:
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
    other = two.add_mutually_exclusive_group(required=True) if is_enrolled else two
    other.add_argument("reference", metavar="B", nargs="?" if is_enrolled else None)
    other.add_argument("--subject", metavar="ID", help="compare with an enrolled subject instead of a picture")

    ask = _command(commands, "load", load.run, "how many pictures a second the daemon identifies")
    ask.add_argument("image", metavar="IMG", help="a JPEG; every call sends other bytes of the same pixels")
    ask.add_argument("--concurrency", type=_concurrency, default=2, metavar="N", help="calls at once, 1..64, default 2")
    ask.add_argument("--seconds", type=_seconds, default=5.0, metavar="N", help="how long, default 5")


def _add_enrol(commands: "_Commands[_Parser]") -> None:
    parser = _command(commands, "enrol", enrol.enrol, "adds pictures of a subject; makes it where it is missing", True)
    parser.add_argument("--id", required=True, metavar="ID", help="1..64 letters, digits, dot, dash, underscore")
    parser.add_argument("--name", default="", metavar="NAME", help="name for a screen, of a subject that is made")
    parser.add_argument("--allow-low-quality", action="store_true", help="enrol below quality 0.6, down to 0.4")
    parser.add_argument("--allow-duplicate", action="store_true", help="enrol a face that somebody else has")
    parser.add_argument("images", metavar="IMG", nargs="+")


def _add_subjects(commands: "_Commands[_Parser]", is_on_record: bool) -> None:
    _command(commands, "list", subjects.list_all, "all of them")
    show = _command(commands, "show", subjects.show, "one with its references")
    rename = _command(commands, "rename", subjects.rename, "another name for a screen", True)
    erase = _command(commands, "erase", subjects.erase, "erases one with all references, for ever", True)
    remove = _command(commands, "remove-reference", subjects.remove_reference, "destroys one reference", True)
    other = _command(
        commands, "not-this-person", subjects.not_this_person, "a look-alike of one, who was mistaken", True
    )
    for parser in (show, rename, erase, remove, other):
        parser.add_argument("subject_id", metavar="ID")
    rename.add_argument("name", metavar="NAME")
    remove.add_argument("reference_id", metavar="REF")
    other.add_argument("--allow-low-quality", action="store_true", help="take pictures below quality 0.6, down to 0.4")
    what = other.add_mutually_exclusive_group(required=True) if is_on_record else other
    what.add_argument("--event", type=_seq, metavar="SEQ", help="a decision of the last minutes that was somebody else")
    what.add_argument(
        "images",
        metavar="IMG",
        nargs="*" if is_on_record else "+",
        default=[],
        help="show somebody mistaken for the subject",
    )


def _add_site(commands: "_Commands[_Parser]") -> None:
    _command(commands, "uplink", site.uplink, "how the connection to the centre is, and what waits for it")
    _command(commands, "cameras", site.cameras, "the cameras and how they are")
    snapshot = _command(commands, "snapshot", site.snapshot, "the newest frame of a camera, as a JPEG file")
    snapshot.add_argument("camera_id", metavar="CAMERA")
    snapshot.add_argument("-o", "--output", required=True, metavar="FILE", help="where the picture goes")
    punch = _command(commands, "punch", site.punch, "records whom a picture shows as coming or going")
    punch.add_argument("image", metavar="IMG")
    direction = punch.add_mutually_exclusive_group(required=True)
    direction.add_argument("--in", dest="direction", action="store_const", const="IN", help="the person comes")
    direction.add_argument("--out", dest="direction", action="store_const", const="OUT", help="the person goes")


def _add_events(commands: "_Commands[_Parser]") -> None:
    listed = _command(commands, "list", events.list_all, "what was recorded, oldest first")
    listed.add_argument("--newest", type=_newest, default=0, metavar="N", help="only the last ones, at most 500")
    watched = _command(commands, "watch", events.watch, "what was recorded, then what happens, until Ctrl-C")
    begin = watched.add_mutually_exclusive_group()
    begin.add_argument("--cursor", default="", metavar="CURSOR", help="go on behind the response that had it")
    begin.add_argument("--only-new", action="store_true", help="only what happens from now on")
    for parser in (listed, watched):
        parser.add_argument("--kind", default="", metavar="KIND", help="e.g. access, or access.granted")


def _add_door(commands: "_Commands[_Parser]") -> None:
    _command(commands, "list", site.doors, "all of them")
    opened = _command(commands, "open", site.open_door, "opens one for a moment")
    opened.add_argument("door_id", metavar="ID")
    opened.add_argument("--duration", type=_seconds, metavar="SECONDS", help="0.1..60; default: as configured")
    opened.add_argument("--note", default="", metavar="TEXT", help="why, for the record")


def _command(
    commands: "_Commands[_Parser]",
    name: str,
    run: Callable[[Session], Answer | None],
    purpose: str,
    writes: bool = False,
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


def _newest(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST_EVENTS):
        raise argparse.ArgumentTypeError(f"expected 0..{_MOST_EVENTS}, found {text!r}")
    return int(text)


def _seq(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _LAST_SEQ):
        raise argparse.ArgumentTypeError(f"expected the number of an event, 1 or more, found {text!r}")
    return int(text)


def _concurrency(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_CALLS):
        raise argparse.ArgumentTypeError(f"expected 1..{_MOST_CALLS}, found {text!r}")
    return int(text)


def _candidates(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST_CANDIDATES):
        raise argparse.ArgumentTypeError(f"expected 0..{_MOST_CANDIDATES}, found {text!r}")
    return int(text)
