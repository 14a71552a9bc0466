"""`python -m doorward_export split|train-quality|evaluate-quality`: the quality heads of the packs."""

import argparse
import sys
from pathlib import Path

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.packs.manifest import ModelRole
from doorward_daemon.packs.quality_head import Statistic, Tap
from doorward_daemon.packs.store import PackStore
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import open_lab
from doorward_daemon.tools.report import print_json, print_tables, table_of
from doorward_export.evaluation import evaluate
from doorward_export.photographs import photo_names, read_photograph
from doorward_export.split import split
from doorward_export.tapped import open_tapped


def add_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands; photos are those of DOORWARD_ASSETS/train_faces."""
    commands.add_parser("split", help="prints the part of every photo: train, calibrate, held_out").set_defaults(
        run_in=_split
    )
    train = commands.add_parser("train-quality", help="trains the quality head of an installed pack, writes its file")
    train.add_argument("pack", choices=("compact", "starter"))
    train.add_argument("--output", type=Path, required=True, metavar="FILE", help="where to write the head")
    train.add_argument("--seed", type=int, default=7, metavar="N")
    train.add_argument("--versions", type=int, default=12, metavar="N", help="of every photo (default: 12 and 4)")
    train.add_argument("--photos", type=int, default=0, metavar="N", help="look at that many only (default: all)")
    train.add_argument("--epochs", type=int, default=8, metavar="N")
    train.set_defaults(run_in=_train)
    measure = commands.add_parser("evaluate-quality", help="measures an installed pack on the held-out photos")
    measure.add_argument("pack", nargs="?", default="", help="installed pack (default: the active one)")
    measure.add_argument("--seed", type=int, default=0, metavar="N")
    measure.add_argument("--photos", type=int, default=0, metavar="N", help="spoil that many only (default: all)")
    measure.add_argument("--json", action="store_true")
    measure.set_defaults(run_in=_evaluate)


def _split(_: argparse.Namespace, context: ToolContext) -> int:
    assets = assets_of(context)
    pack = PackStore(context.home / "packs").open("compact")
    vector = Tap(pack.manifest.of_role(ModelRole.EMBEDDER)[0].outputs[0], (Statistic.VALUE,))
    with open_tapped(pack, (vector,), threads=1) as tapped:
        found = [read_photograph(assets, name, tapped) for name in photo_names(assets)]
        photos = [photo for photo in found if photo is not None]
        reading = tapped.read([tapped.crop(photo.bgr_hwc, photo.face.landmarks_px) for photo in photos])
    for name, part in split([photo.name for photo in photos], reading.vectors).items():
        sys.stdout.write(f"{part} {name}\n")
    return 0


def _train(arguments: argparse.Namespace, context: ToolContext) -> int:
    # Imported here: the other commands run without torch.
    from doorward_export.network import TrainingSettings
    from doorward_export.training import Course, train_head

    settings = TrainingSettings(seed=arguments.seed, epochs=arguments.epochs)
    more = -(-arguments.versions // 3)
    course = Course(versions=arguments.versions, more_versions=more, most_photos=arguments.photos, network=settings)
    pack = PackStore(context.home / "packs").open(arguments.pack)
    content = train_head(pack, assets_of(context), course).to_bytes()
    arguments.output.write_bytes(content)
    sys.stderr.write(f"wrote {arguments.output}, {len(content)} bytes\n")
    return 0


def _evaluate(arguments: argparse.Namespace, context: ToolContext) -> int:
    with open_lab(context, arguments.pack) as lab:
        document = evaluate(lab, assets_of(context), arguments.photos, arguments.seed).document()
    if arguments.json:
        print_json(document)
    else:
        rows = [(name, str(value)) for name, value in document.items()]
        print_tables(table_of("Quality score on held-out photos", ("measure", "value"), rows))
    return 0


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
