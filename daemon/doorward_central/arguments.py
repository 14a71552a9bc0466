"""What can be typed after `doorward-central`."""

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path

from doorward_central.commands import add_subject, erase_subject, events, list_subjects, show_devices
from doorward_central.device_commands import KINDS, send_command, set_config, set_group, show_config


def parse_arguments(typed: Sequence[str]) -> argparse.Namespace:
    """The options of one call; `run` is what to do with a desk, None for `serve`."""
    parser = argparse.ArgumentParser(
        prog="doorward-central",
        description="The central service: takes events in for good, hands the gallery out to a fleet.",
        epilog=textwrap.dedent("exit codes: 0 done, 2 a person has to change something, 70 storage, 75 folder held"),
    )
    parser.add_argument("--home", default="", help="home folder (default: DOORWARD_HOME, else ./.doorward)")
    parser.add_argument("--config", type=Path, help="configuration (default: <home>/central.toml)")
    commands = parser.add_subparsers(dest="command", required=True)
    _serve(commands.add_parser("serve", help="run the service until SIGTERM"))
    _events(commands.add_parser("events", help="what is stored, in the order of arrival"))
    devices = commands.add_parser("devices", help="the devices that ever said Hello")
    _devices(devices)
    subjects = commands.add_parser("subjects", help="the subjects of the fleet")
    _subjects(subjects)
    _config(commands.add_parser("config", help="the configuration that a device, or a group of them, is to have"))
    told = commands.add_parser("command", help="tells a device to do something, once at most")
    _command(told)
    _bench(commands.add_parser("bench", help="measures what a centre takes in on this machine"))
    for query in (devices, subjects, told, commands.choices["events"], commands.choices["bench"]):
        query.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args(typed)


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--listen", default="", metavar="ADDRESS", help="host:port or unix:/path of devices")
    parser.set_defaults(run=None, json=False)


def _events(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default="", metavar="ID", help="only of this device")
    parser.add_argument("--kind", default="", help="only of this kind, or of kinds below it, e.g. access")
    parser.add_argument("--newest", type=int, default=0, metavar="N", help="only the newest N (default: all)")
    parser.set_defaults(run=events)


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--backlog", type=int, default=150_000, metavar="N", help="events of one device (150000)")
    parser.add_argument("--devices", type=int, default=200, metavar="N", help="streams at once (200)")
    parser.add_argument("--each", type=int, default=100, metavar="N", help="events of each of them (100)")
    parser.set_defaults(run=None, is_bench=True)


def _devices(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=show_devices)
    actions = parser.add_subparsers(dest="action")
    as_json = _as_json()
    actions.add_parser("list", parents=[as_json], help="all devices")
    joining = actions.add_parser("group", parents=[as_json], help="put a device into a group, and out of its old one")
    joining.add_argument("device", metavar="DEVICE")
    joining.add_argument("name", metavar="GROUP", help="1..64 letters, digits, . - _")
    joining.set_defaults(run=set_group)
    leaving = actions.add_parser("ungroup", parents=[as_json], help="take a device out of its group")
    leaving.add_argument("device", metavar="DEVICE")
    leaving.set_defaults(run=set_group, name="")


def _config(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    setting = actions.add_parser("set", help="stores it; a device checks it whole and keeps what it has if it is wrong")
    showing = actions.add_parser("show", help="what it is to have, what of it came from where, and how it took it")
    for action in (setting, showing):
        action.add_argument("--group", action="store_true", help="the name is one of a group, not of a device")
        action.add_argument("name", metavar="DEVICE|GROUP")
        action.add_argument("--json", action="store_true", help="print one JSON document")
    setting.add_argument("file", metavar="FILE", help="TOML; - for standard input; an empty one takes everything back")
    setting.set_defaults(run=set_config)
    showing.set_defaults(run=show_config)


def _command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("device", metavar="DEVICE")
    parser.add_argument("what", choices=[*KINDS, "list"], help="what to do; list shows what was told before")
    parser.add_argument("--door", default="main", metavar="ID", help="which door to open (main)")
    parser.add_argument("--valid-s", type=float, default=30.0, metavar="S", help="how long it may wait, 1..3600 s (30)")
    parser.add_argument("--wait-s", type=float, default=0.0, metavar="S", help="wait so long for the answer (0)")
    parser.add_argument("--id", default="", metavar="ID", help="identity of the command: the same is never done twice")
    parser.set_defaults(run=send_command)


def _subjects(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=list_subjects, with_erased=False)
    as_json = _as_json()
    actions = parser.add_subparsers(dest="action")
    listing = actions.add_parser("list", parents=[as_json], help="all subjects")
    listing.add_argument("--with-erased", action="store_true", help="tombstones, too")
    adding = actions.add_parser("add", parents=[as_json], help="create a subject; every device gets it")
    adding.add_argument("--id", required=True, dest="subject_id", help="1..64 letters, digits, . - _")
    adding.add_argument("--name", default="", help="name for a screen")
    adding.add_argument(
        "--from-template",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="what `doorward extract --json` printed; may be given several times",
    )
    adding.set_defaults(run=add_subject)
    erasing = actions.add_parser("erase", parents=[as_json], help="erase a subject everywhere; a tombstone stays")
    erasing.add_argument("subject_id", metavar="ID")
    erasing.set_defaults(run=erase_subject)


def _as_json() -> argparse.ArgumentParser:
    # Not the same flag twice: what the outer parser found must not be undone by the inner one's default.
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    return parser
