"""The entry point of `doorward-kiosk`."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence

from doorward_client.errors import DoorwardError
from doorward_client.target import Target
from doorward_kiosk.server import open_kiosk
from doorward_kiosk.settings import KioskSettings

_NEEDS_PERSON = 2
_DEFAULTS = KioskSettings()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves the page until SIGTERM or Ctrl-C.

    Args:
        arguments: what was typed after `doorward-kiosk`; None takes it from the process.

    Returns:
        0 when it was told to stop, 2 when a person has to change something.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        target = Target.from_environment(address=options.target)
        asyncio.run(_serve(target, KioskSettings(host=options.host, port=options.port)))
    except DoorwardError as error:
        logging.getLogger(__name__).error("%s: %s", error.reason, error.message)
        return _NEEDS_PERSON
    return 0


async def _serve(target: Target, settings: KioskSettings) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_kiosk(target, settings):
        await stop.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("doorward-kiosk", description="The page of a Doorward box.", allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serves the page on loopback", allow_abbrev=False)
    serve.add_argument("--target", help="listener of the daemon; DOORWARD_TARGET or the operator's socket by default")
    serve.add_argument("--host", choices=("127.0.0.1", "::1"), default=_DEFAULTS.host, help="loopback only")
    serve.add_argument("--port", type=_port, default=_DEFAULTS.port, help=f"{_DEFAULTS.port} by default; 0 takes any")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; expected 0..65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
