"""`python -m doorward_export fit-detail`: weights of the component FineDetail, and what they do with other people."""

import argparse
import sys

import numpy as np

from doorward_daemon.packs.manifest import ModelRole
from doorward_daemon.packs.quality_head import Statistic, Tap
from doorward_daemon.packs.store import PackStore
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.report import percent, print_json, print_tables, table_of
from doorward_export.detail_fit import FEWEST_PX, Detailed, eyes_of, fit, gather
from doorward_export.photographs import Photograph, parts_of, photo_names, read_photograph
from doorward_export.quality_command import assets_of
from doorward_export.tapped import TappedPack, open_tapped


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command; photos are the unmasked ones of DOORWARD_ASSETS/train_faces."""
    parser = commands.add_parser("fit-detail", help="fits the component FineDetail and measures it on other people")
    parser.add_argument("--photos", type=int, default=160, metavar="N", help="of each part (default: 160)")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run_in=_run)


def _run(arguments: argparse.Namespace, context: ToolContext) -> int:
    pack = PackStore(context.home / "packs").open("compact")
    vector = Tap(pack.manifest.of_role(ModelRole.EMBEDDER)[0].outputs[0], (Statistic.VALUE,))
    with open_tapped(pack, (vector,), threads=1) as tapped:
        parts = {
            part: gather(tapped, _photos(tapped, context, part, arguments.photos), arguments.seed)
            for part in ("train", "held_out")
        }
    weights = fit(parts["train"])
    shares = _shares(parts["held_out"], weights)
    if arguments.json:
        print_json({"offset": weights[0], "weights": weights[1:].tolist(), "held_out": shares})
    else:
        rows = [
            (kind, f"{one['cosine']:.2f}", percent(one["without_detail"]), f"{one['n']}")
            for kind, one in shares.items()
        ]
        sys.stdout.write(f"offset {weights[0]:.4f}, weights {', '.join(f'{weight:.4f}' for weight in weights[1:])}\n")
        print_tables(table_of("Held-out people", ("copy", "median cosine", "without detail", "copies"), rows))
    return 0


def _photos(pack: TappedPack, context: ToolContext, part: str, most: int) -> list[Photograph]:
    assets, part_of = assets_of(context), parts_of()
    names = [name for name in photo_names(assets) if part_of.get(name) == part and name.startswith("unmasked/")]
    chosen = names[:: max(1, len(names) // max(1, most))]
    found = [read_photograph(assets, name, pack) for name in chosen]
    return [photo for photo in found if photo is not None and eyes_of(photo) >= FEWEST_PX]


def _shares(copies: Detailed, weights: np.ndarray) -> dict[str, dict[str, float]]:
    lacking, kinds = copies.logits(weights) < 0.0, np.asarray(copies.kind)
    return {
        kind: {
            "n": int((kinds == kind).sum()),
            "cosine": float(np.median(copies.cosine[kinds == kind])),
            "without_detail": float(lacking[kinds == kind].mean()),
        }
        for kind in dict.fromkeys(copies.kind)
    }
