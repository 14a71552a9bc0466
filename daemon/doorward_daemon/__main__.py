"""The command line `doorwardd`: the daemon, and the local commands that need its models."""

import argparse
import gc
import json
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from doorward_daemon.config import load_ledger_settings, load_settings, read_environment, wants_ledger_only
from doorward_daemon.errors import DoorwardError, ErrorReason, ExitCode, exit_code_of

if TYPE_CHECKING:
    from doorward_daemon.config import Settings

_GROUPS = {
    "eval": (
        "measures the pack on folders of pictures",
        ("eval_verification", "eval_identification", "eval_quality", "eval_liveness", "eval_precision", "eval_tracks"),
    ),
    "bench": (
        "measures this machine",
        (
            "bench_pipeline",
            "bench_rpc",
            "bench_startup",
            "bench_soak",
            "bench_search",
            "bench_gallery",
            "bench_journal",
            "bench_cameras",
            "bench_precision",
        ),
    ),
    "calibrate": (
        "measures thresholds on photos: of this site (calibrate DIR), or for a pack",
        ("calibrate_pack", "calibrate_centre", "calibrate_cohort", "calibrate_site"),
    ),
}
"""Groups of local commands: what each is for, and the modules of its commands in room tools."""


class _Parser(argparse.ArgumentParser):
    """Reports usage errors the way all errors are reported: as JSON where JSON was asked for."""

    def error(self, message: str) -> NoReturn:
        """Ends the process with exit code 2."""
        if "--json" in sys.argv:
            print_error("USAGE", message, {"command": self.prog})
        self.print_usage(sys.stderr)
        sys.stderr.write(f"{self.prog}: {message}\n")
        sys.exit(ExitCode.NEEDS_PERSON)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: without the program's name; None takes those of the process.

    Returns:
        The exit code: 0 done, 2 a person has to change something, 70 internal failure, 75 the folder is held.
    """
    given = _spelled_out(sys.argv[1:] if arguments is None else list(arguments))
    parser: argparse.ArgumentParser = _Parser(prog="doorwardd", description="Doorward's daemon and its local commands.")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration (default: <home>/doorward.toml)")
    _add_commands(parser.add_subparsers(dest="command", required=True, metavar="COMMAND"), given)
    parsed = parser.parse_args(given)
    as_json = bool(getattr(parsed, "json", False))
    try:
        return int(parsed.run(parsed))
    except DoorwardError as error:
        _report(error, as_json=as_json)
        return exit_code_of(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return ExitCode.DONE
    except Exception:  # noqa: BLE001 - the last boundary (docs/adr/0004): the traceback is printed, the code says internal
        traceback.print_exc()
        if as_json:
            print_error(ErrorReason.INTERNAL, "an unexpected error; the traceback is on stderr", {})
        return ExitCode.INTERNAL


def _spelled_out(given: list[str]) -> list[str]:
    """`calibrate DIR` is what an operator types; the other calibrations are for makers of packs and have names."""
    place = given.index("calibrate") + 1 if "calibrate" in given else len(given)
    known = {module.removeprefix("calibrate_") for module in _GROUPS["calibrate"][1]} | {"-h", "--help"}
    if place >= len(given) or given[place] in known:
        return given
    return [*given[:place], "site", *given[place:]]


def _add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", given: list[str]) -> None:
    serving = commands.add_parser("serve", help="runs the daemon in the foreground")
    serving.add_argument(
        "--ledger-only", action="store_true", help="without models and cameras: the record, the doors, the centre"
    )
    serving.set_defaults(run=_serve)
    if "serve" in given[:3]:
        # The daemon starts without the libraries of the local commands: 0.3 s of its two seconds.
        return
    from doorward_daemon.tools import check_config, evaluation_report, models, self_test

    check_config.add_parser(commands).set_defaults(run=_check_config)
    self_test.add_parser(commands).set_defaults(run=partial(_run_tool, "self_test"))
    evaluation_report.add_parser(commands).set_defaults(run=partial(_run_tool, "evaluation_report"))
    models.add_models_parser(commands).set_defaults(run=_run_models)
    for name, (summary, modules) in _GROUPS.items():
        group = commands.add_parser(name, help=summary).add_subparsers(dest=name, required=True, metavar="WHAT")
        for module in modules:
            tool = import_module(f"doorward_daemon.tools.{module}")
            tool.add_parser(group).set_defaults(run=partial(_run_tool, module))


def _serve(arguments: argparse.Namespace) -> int:
    environment = read_environment()
    if arguments.ledger_only or wants_ledger_only(arguments.config, environment):
        # What imports make stays; to look through it for garbage again and again costs a tenth of the start.
        gc.disable()
        from doorward_daemon.app.ledger_only import serve_ledger_only

        return serve_ledger_only(load_ledger_settings(arguments.config, environment), environment, arguments.config)
    from doorward_daemon.app.serve import serve

    return serve(_settings(arguments), environment, arguments.config)


def _check_config(arguments: argparse.Namespace) -> int:
    from doorward_daemon.tools import check_config

    return check_config.run(arguments, _settings(arguments))


def _run_models(arguments: argparse.Namespace) -> int:
    from doorward_daemon.tools.models import run_models

    environment = read_environment()
    return run_models(arguments, environment.home, environment.assets)


def _run_tool(module: str, arguments: argparse.Namespace) -> int:
    from doorward_daemon.app.rooms import judging_settings
    from doorward_daemon.tools.context import ToolContext

    settings, environment = _settings(arguments), read_environment()
    context = ToolContext(
        home=environment.home,
        assets=environment.assets,
        pack=settings.pack.name,
        inference=settings.inference,
        judging=judging_settings(settings),
        gallery=settings.gallery,
    )
    return int(import_module(f"doorward_daemon.tools.{module}").run(arguments, context))


def _settings(arguments: argparse.Namespace) -> "Settings":
    return load_settings(arguments.config, read_environment())


def print_error(reason: str, message: str, metadata: dict[str, str]) -> None:
    """Prints the error document on stdout."""
    sys.stdout.write(
        json.dumps({"error": {"reason": reason, "message": message, "metadata": metadata}}, ensure_ascii=False) + "\n"
    )


def _report(error: DoorwardError, *, as_json: bool) -> None:
    if as_json:
        print_error(error.reason, error.message, error.metadata)
    sys.stderr.write(f"doorwardd: {error.reason}: {error.message}\n")


if __name__ == "__main__":
    sys.exit(main())
