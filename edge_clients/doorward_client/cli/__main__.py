"""The entry point of `doorward`."""

import argparse
import sys
import traceback
from collections.abc import Mapping, Sequence

from doorward_client.blocking import DoorwardClient
from doorward_client.channel import ChannelSettings
from doorward_client.cli.answer import Answer
from doorward_client.cli.arguments import parse_arguments
from doorward_client.cli.exit_code import ExitCode
from doorward_client.cli.printer import Printer
from doorward_client.cli.session import Session
from doorward_client.errors import DoorwardError, Fault
from doorward_client.target import Target, process_environment
from doorward_client.words import language_of, words_in


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns how the process ends.

    Args:
        arguments: what was typed after `doorward`; None takes it from the process.
    """
    typed = sys.argv[1:] if arguments is None else arguments
    environment = process_environment()
    # Until the arguments are understood: what they look like.
    printer = Printer(as_json="--json" in typed, words=words_in(language_of(environment)))
    try:
        options = parse_arguments(typed)
        printer = Printer(as_json=options.json, words=words_in(options.lang or language_of(environment)))
        answer = _run(options, environment, printer)
        return ExitCode.DONE if answer is None else printer.answer(answer)
    except DoorwardError as error:
        return printer.error(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - main is a task boundary: a script wants a document even now
        printer.note(traceback.format_exc())
        return printer.error(Fault("INTERNAL", f"doorward failed: {error!r}; please report it"))


def _run(options: argparse.Namespace, environment: Mapping[str, str], printer: Printer) -> Answer | None:
    target = Target.from_environment(environment, options.target)
    settings = ChannelSettings() if options.timeout is None else ChannelSettings(deadline_s=options.timeout)
    with DoorwardClient(target.for_enroller() if options.writes else target, settings) as client:
        answer: Answer | None = options.run(Session(client, options, printer.words, printer.note, printer.emit))
        return answer


if __name__ == "__main__":
    sys.exit(main())
