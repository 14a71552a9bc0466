"""`python -m doorward_export split|train-quality|evaluate-quality`: the quality heads of the packs."""

import argparse
import sys
from pathlib import Path

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.packs.store import PackStore
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import open_lab
from doorward_daemon.tools.report import print_json, print_tables, table_of
from doorward_export.evaluation import report_on
from doorward_export.floors import check_floors
from doorward_export.held_out import score_part
from doorward_export.list_of_parts import list_of_parts
from doorward_export.photographs import PARTS


def add_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands; photos are those of DOORWARD_ASSETS/train_faces."""
    parts = commands.add_parser("split", help="gives every photo its part: train, choose, held_out")
    parts.add_argument("--output", type=Path, required=True, metavar="FILE", help="where to write the list")
    parts.set_defaults(run_in=_split)
    train = commands.add_parser("train-quality", help="trains the quality head of an installed pack, writes its file")
    train.add_argument("pack", choices=("compact", "starter"))
    train.add_argument("--output", type=Path, required=True, metavar="FILE", help="where to write the head")
    train.add_argument("--seed", type=int, default=7, metavar="N")
    train.add_argument("--versions", type=int, default=20, metavar="N", help="of every photo (default: 20)")
    train.add_argument("--photos", type=int, default=0, metavar="N", help="of each part only (default: all)")
    train.add_argument("--epochs", type=int, default=12, metavar="N")
    train.add_argument(
        "--keep", type=Path, default=None, metavar="DIR", help="keep what was read here, for more trials"
    )
    train.set_defaults(run_in=_train)
    measure = commands.add_parser("evaluate-quality", help="measures an installed pack on the held-out photos")
    measure.add_argument("pack", nargs="?", default="", help="installed pack (default: the active one)")
    measure.add_argument("--seed", type=int, default=0, metavar="N")
    measure.add_argument("--photos", type=int, default=0, metavar="N", help="spoil that many only (default: all)")
    measure.add_argument("--part", choices=PARTS, default="held_out", help="choose is for trials (default: held_out)")
    measure.add_argument("--check", action="store_true", help="fail where a figure falls short of what is promised")
    measure.add_argument("--json", action="store_true")
    measure.set_defaults(run_in=_evaluate)


def _split(arguments: argparse.Namespace, context: ToolContext) -> int:
    pack = PackStore(context.home / "packs").open("compact")
    arguments.output.write_text(list_of_parts(pack, assets_of(context)), encoding="utf-8")
    return 0


def _train(arguments: argparse.Namespace, context: ToolContext) -> int:
    # Imported here: the other commands run without torch.
    from doorward_export.gathering import Gathering
    from doorward_export.network import TrainingSettings
    from doorward_export.training import Course, train_head

    more = arguments.versions * 3 // 10
    wanted = Gathering(
        seed=arguments.seed,
        versions=arguments.versions - more,
        more_versions=more,
        most_photos=arguments.photos,
    )
    course = Course(gathering=wanted, network=TrainingSettings(seed=arguments.seed, epochs=arguments.epochs))
    pack = PackStore(context.home / "packs").open(arguments.pack)
    content = train_head(pack, assets_of(context), course, arguments.keep).to_bytes()
    arguments.output.write_bytes(content)
    sys.stderr.write(f"wrote {arguments.output}, {len(content)} bytes\n")
    return 0


def _evaluate(arguments: argparse.Namespace, context: ToolContext) -> int:
    with open_lab(context, arguments.pack) as lab:
        scores = score_part(lab, assets_of(context), arguments.part, arguments.photos, arguments.seed)
    report = report_on(scores)
    if arguments.json:
        print_json(report.document())
    else:
        counts = [(name, str(number), "") for name, number in report.counts.items()]
        figures = [(name, _text(value), _span(report.intervals[name])) for name, value in report.figures.items()]
        columns = ("measure", "value", "95 % interval")
        title = f"Quality score of {report.pack} on the photos of {arguments.part}"
        print_tables(table_of(title, columns, [*counts, *figures]))
    if arguments.check:
        check_floors(report)
    return 0


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _span(interval: tuple[float, float] | None) -> str:
    return "-" if interval is None else f"{interval[0]:.4f} to {interval[1]:.4f}"


def assets_of(context: ToolContext) -> Path:
    """The folder of development pictures.

    Raises:
        InvalidInput: FIELD_INVALID, none is named.
    """
    if context.assets is None:
        raise InvalidInput(
            ErrorReason.FIELD_INVALID,
            "no development pictures; DOORWARD_ASSETS must name the folder that holds train_faces",
        )
    return context.assets
