"""The entry point of `doorward-central`."""

import argparse
import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from doorward_central.arguments import parse_arguments
from doorward_central.config import environment, home_of, load_settings
from doorward_central.database import DATABASE_FILE
from doorward_central.desk import Desk, StoreDesk
from doorward_central.error import CentreError, ExitCode
from doorward_central.listener import ADMIN_SOCKET, is_served
from doorward_central.printing import print_document, print_error, print_figures
from doorward_central.remote_desk import remote_desk
from doorward_central.serving import serve
from doorward_central.settings import CentreSettings
from doorward_central.sqlite_store import open_sqlite_store


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns how the process ends.

    Args:
        arguments: what was typed after `doorward-central`; None takes it from the process.
    """
    options = parse_arguments(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        home = home_of(options.home, environment())
        settings = load_settings(home, options.config, environment())
        if getattr(options, "is_bench", False):
            from doorward_central.bench import run_bench

            print_figures(asyncio.run(run_bench(options)), as_json=options.json)
        elif options.run is None:
            asyncio.run(serve(home, _listening(settings, options.listen)))
        else:
            print_document(asyncio.run(_asked(options, home, settings)), as_json=options.json)
    except CentreError as error:
        return print_error(error, as_json=options.json)
    except Exception as error:
        # main is a task boundary: a script wants a document even now.
        logging.getLogger(__name__).exception("doorward-central failed")
        return print_error(CentreError("INTERNAL", f"doorward-central failed: {error!r}"), as_json=options.json)
    return ExitCode.DONE


async def _asked(options: argparse.Namespace, home: Path, settings: CentreSettings) -> dict[str, object]:
    async with _desk(home, settings) as desk:
        answer: dict[str, object] = await options.run(desk, options)
        return answer


@contextlib.asynccontextmanager
async def _desk(home: Path, settings: CentreSettings) -> AsyncIterator[Desk]:
    """The desk of the running centre; where none runs, one on its store, which then is held while it is asked."""
    socket = home / ADMIN_SOCKET
    if is_served(socket):
        async with remote_desk(socket) as desk:
            yield desk
        return
    if not (home / "data" / DATABASE_FILE).exists():
        found = f"{home}: no centre runs here, and there is no store; start `doorward-central serve`, or name --home"
        raise CentreError("NOT_READY", found, home=str(home))
    with open_sqlite_store(home / "data", settings.store.max_bytes) as store:
        yield StoreDesk(store)


def _listening(settings: CentreSettings, address: str) -> CentreSettings:
    if not address:
        return settings
    return replace(settings, listener=replace(settings.listener, address=address))


if __name__ == "__main__":
    sys.exit(main())
