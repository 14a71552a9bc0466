"""`doorwardd calibrate pack`: measures how the numbers of a pack are to be read, for its recipe in the catalogue."""

import argparse
from dataclasses import asdict
from pathlib import Path

from doorward_daemon.tools.calibration_evidence import collect_evidence
from doorward_daemon.tools.calibration_report import LABELLED, CalibrationReport, report_on
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import open_lab
from doorward_daemon.tools.photo_folder import bad_folder
from doorward_daemon.tools.report import percent, print_json, print_tables, table_of


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `calibrate`."""
    parser = add_command(commands, "pack", "measures thresholds and other constants of a pack from photos")
    parser.add_argument("--identities", type=Path, required=True, metavar="DIR", help="known people, DIR/person/photo")
    parser.add_argument("--portraits", type=Path, required=True, metavar="DIR", help="portraits of many other people")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of spoiling and drawing (default: 0)")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, a folder does not hold what is needed.
        Conflict, Fault: the pack cannot be opened.
    """
    with open_lab(context, arguments.pack) as lab:
        evidence = collect_evidence(lab, arguments.identities, arguments.portraits, arguments.seed)
        pack = lab.manifest.name
    try:
        report = report_on(pack, evidence, arguments.seed)
    except ValueError as error:
        raise bad_folder(arguments.identities, f"has too few photos for a calibration: {error}") from error
    if arguments.json:
        print_json({**asdict(report), "toml": report.constants.to_toml()})
    else:
        _print(report)
    return 0


def _print(report: CalibrationReport) -> None:
    columns = ("FMR", "threshold", "95 %", "FMR at the pack's", "95 %")
    tables = [
        table_of(
            f"{name}: {cohort.n_pairs} pairs, {cohort.n_excluded} look-alikes left out; mean {cohort.mean:.3f},"
            f" deviation {cohort.deviation:.3f}; {'sets' if name in LABELLED else 'does not set'} the threshold",
            columns,
            [
                (rate, f"{found.threshold:.3f}", f"{found.low:.3f}..{found.high:.3f}", f"{found.fmr_found:.2e}",
                 f"{found.fmr_low:.1e}..{found.fmr_high:.1e}")
                for rate, found in cohort.rates.items()
            ],
        )
        for name, cohort in report.cohorts.items()
    ]  # fmt: skip
    misses = [
        (rate, f"{threshold}", percent(found.fnmr), f"{percent(found.low)}..{percent(found.high)}")
        for (rate, found), (_, threshold) in zip(
            report.genuine.items(), report.constants.thresholds_at_fmr, strict=True
        )
    ]
    title = f"Misses, {report.n_genuine} pairs of one person"
    print_tables(*tables, table_of(title, ("false match rate", "threshold", "missed", "95 % interval"), misses))
    print(f"# doorwardd calibrate pack, pack {report.pack}: {report.n_identity_photos} photos of known people,"
          f" {report.n_portraits} portraits, {report.n_kept} + {report.n_lost} spoiled copies")  # fmt: skip
    print(report.constants.to_toml(), end="")
