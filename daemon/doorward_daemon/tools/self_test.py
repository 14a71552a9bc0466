"""`doorwardd self-test`: sends the golden picture through the models of this box, without a running daemon."""

import argparse
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward_daemon.errors import ExitCode
from doorward_daemon.gallery import open_gallery
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.model.self_test import SelfTestReport
from doorward_daemon.recognition.opening import PackModels, cohort_of, open_recogniser
from doorward_daemon.recognition.self_test import GoldenAnswer, golden_answer, golden_picture, run_self_test
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import opened_runtime, running_pack
from doorward_daemon.tools.report import print_json, print_tables, remark, table_of


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command."""
    parser = add_command(commands, "self-test", "sends the golden picture through the models of this box")
    parser.add_argument(
        "--record", type=Path, metavar="FOLDER", help="write the answer as the new golden one instead of comparing"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command; exit code 70 where the self-test fails.

    Raises:
        DoorwardError: the pack or the runtime cannot be opened.
    """
    with ExitStack() as stack:
        runtime = stack.enter_context(opened_runtime(context))
        pack = running_pack(context, arguments.pack, runtime)
        # A gallery of its own: the one of the home may be held by a running daemon.
        folder = stack.enter_context(TemporaryDirectory(prefix="doorward-self-test-"))
        cohort = cohort_of(pack.manifest)
        gallery = stack.enter_context(open_gallery(Path(folder), pack.manifest.embedding_id, cohort=cohort))
        rule = OpenSetRule(pack.manifest.calibration, context.judging.open_set)
        recogniser = open_recogniser(PackModels(pack, runtime, context.judging), gallery, rule)
        if arguments.record is not None:
            target = arguments.record / f"{pack.manifest.name}.json"
            target.write_text(GoldenAnswer.of(recogniser.extract(golden_picture())).to_json(), encoding="utf-8")
            remark(f"wrote {target}")
            return ExitCode.DONE
        report = run_self_test(
            recogniser.extract, golden_answer(pack.manifest.name, runtime.truth.actual_precision, pack.folder)
        )
    return _show(report, pack.manifest.name, as_json=arguments.json)


def _show(report: SelfTestReport, pack: str, *, as_json: bool) -> int:
    if as_json:
        checks = [{"name": check.name, "passed": check.passed, "detail": check.detail} for check in report.checks]
        print_json({"passed": report.passed, "pack": pack, "checks": checks, "duration_ms": report.duration_ms})
    else:
        rows = [(check.name, "passed" if check.passed else "FAILED", check.detail) for check in report.checks]
        print_tables(table_of(f"Self-test of {pack}", ("check", "result", "detail"), rows))
    return ExitCode.DONE if report.passed else ExitCode.INTERNAL
