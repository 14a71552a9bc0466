"""`python -m doorward_export rts CHECKPOINT`: the pack `rts` out of a checkpoint that the user brings."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward_daemon.errors import Conflict, ErrorReason, ExitCode
from doorward_daemon.inference import InferenceSettings
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.packs.store import PackStore
from doorward_daemon.recognition.self_test import GOLDEN_FILE, GoldenAnswer, golden_picture
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import lab_on, opened_runtime
from doorward_daemon.vision.picture import decode_picture


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = commands.add_parser("rts", help="makes the pack rts out of a checkpoint of the user's own")
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="pytorch_model.pt of the published model")
    parser.add_argument("--head", choices=("rts", "rts-plus"), default="rts", help="where the score comes from")
    parser.add_argument("--detector", default="compact", metavar="PACK", help="installed pack with YuNet (compact)")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run_in=run)


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the file is no checkpoint of RTS.
        Conflict: PACK_MISSING, PACK_DAMAGED, or PACK_UNAVAILABLE where torch is not installed.
    """
    pack, document = make_rts(arguments.checkpoint, arguments.head == "rts-plus", arguments.detector, context)
    if arguments.json:
        sys.stdout.write(json.dumps(document) + "\n")
    else:
        sys.stdout.write(
            f"{pack.manifest.name} is installed, {pack.manifest.embedding_id}: {document}\n"
            "calibrate it with `doorwardd calibrate pack --pack rts` before anything is decided with it\n"
        )
    return ExitCode.DONE


def make_rts(
    checkpoint: Path, uses_plus: bool, donor: str, context: ToolContext
) -> tuple[InstalledPack, dict[str, object]]:
    """Rebuilds the network, exports it, proves it, and installs the pack.

    Raises:
        As `run`.
    """
    try:
        from doorward_export.rts_checkpoint import load_network
        from doorward_export.rts_graph import check_parity, save_graph
        from doorward_export.rts_pack import install_rts
        from doorward_export.rts_polarity import check_polarity
    except ImportError as error:
        raise Conflict(
            ErrorReason.PACK_UNAVAILABLE,
            f"exporting RTS needs {error.name}: pip install 'doorward[export]'",
            metadata={"module": error.name or ""},
        ) from error
    store = PackStore(context.home / "packs")
    giver = store.open(donor)
    network = load_network(checkpoint, uses_plus=uses_plus)
    with TemporaryDirectory(prefix="doorward-rts-") as folder:
        graph = Path(folder) / "rts.onnx"
        save_graph(network, graph)
        differences = check_parity(network, graph)
        scores = check_polarity(giver, graph)
        pack = install_rts(store, giver, graph, checkpoint)
    record_golden(pack, context)
    return pack, {"pack": pack.manifest.name, "difference_to_torch": differences, "scores": scores}


def record_golden(pack: InstalledPack, context: ToolContext) -> None:
    """Writes down, beside the models, what the pack says about the golden picture; the self-test compares with it.

    The numbers come from the graph that was proved against torch.

    Raises:
        Conflict, Fault: the pack cannot be opened.
    """
    with opened_runtime(replace(context, inference=InferenceSettings())) as runtime:
        seen = lab_on(runtime, pack, context).look_at(decode_picture(golden_picture(), context.judging.picture))
    if seen is None:
        raise Conflict(
            ErrorReason.PACK_DAMAGED, "the detector finds no face in the golden picture; pull its pack again"
        )
    answer = GoldenAnswer(
        xyxy_px=tuple(float(value) for value in seen.face.xyxy_px),
        landmarks_px=tuple(float(value) for value in seen.face.landmarks_px.ravel()),
        embedding=tuple(float(value) for value in seen.embedding.template.vector),
        quality_score=seen.quality.score,
    )
    (pack.folder / GOLDEN_FILE).write_text(answer.to_json(), encoding="utf-8")
