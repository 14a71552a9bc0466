"""`python -m doorward_export quantize PACK`: int8 models beside the f32 ones of a pack, if they are as good."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from doorward_daemon.errors import ErrorReason, ExitCode, InvalidInput
from doorward_daemon.packs.manifest import CalibrationRecord, InstalledPack, ModelEntry, ModelRole
from doorward_daemon.packs.precision import in_precision, without_variants
from doorward_daemon.packs.store import PackStore
from doorward_daemon.packs.variant_install import NewVariant, install_variants, with_variants
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.eval_precision import PrecisionReport, compare
from doorward_daemon.tools.lab import lab_on, open_pack, opened_runtime
from doorward_daemon.tools.photo_folder import PhotoGroup, groups_in, photos_below
from doorward_daemon.tools.survey import Survey, survey
from doorward_export.accuracy_guard import check_accuracy
from doorward_export.calibration_pictures import CalibrationInputs, gather_inputs
from doorward_export.quantisation import method, of_one_size, quantise

INT8 = "int8"
# The others stay as they are. YuNet in int8 moves landmarks by 5.5 % of the eye distance in the mean, in bf16 by 0.4 %
# (60 photos), which costs 1.85 points of true accepts; and no attack shall pass for the sake of speed.
_ROLES = (ModelRole.EMBEDDER,)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantizeRequest:
    """What is to be made, and with what."""

    calibration: Path
    """Folder of photos the ranges are taken from."""
    accuracy: Path
    """Folder DIR/person/photo the accuracy is measured on; other people than in `calibration`."""
    models: tuple[str, ...] = ()
    """Names of the models; empty = the embedder."""
    most_photos: int = 300
    """Photos of `calibration` that are looked at, evenly chosen."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command."""
    parser = commands.add_parser("quantize", help="makes int8 models of an installed pack, if they are as good")
    parser.add_argument("pack", nargs="?", default="", help="installed pack (default: the active one)")
    add = parser.add_argument
    add("--calibration", type=Path, required=True, metavar="DIR", help="photos to calibrate with")
    add("--accuracy", type=Path, required=True, metavar="DIR", help="DIR/person/photo to measure on")
    add("--model", action="append", default=[], metavar="NAME", help="only this one; may be repeated")
    add("--photos", type=int, default=300, metavar="N", help="photos to calibrate with (default: 300)")
    add("--json", action="store_true")
    parser.set_defaults(run_in=run)


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, a folder does not hold what is needed, or no such model.
        Conflict: PACK_UNAVAILABLE, what came out is worse than it may be; PACK_MISSING, PACK_DAMAGED.
    """
    request = QuantizeRequest(
        calibration=arguments.calibration,
        accuracy=arguments.accuracy,
        models=tuple(arguments.model),
        most_photos=max(1, arguments.photos),
    )
    report = quantize(arguments.pack, request, context)
    if arguments.json:
        sys.stdout.write(json.dumps(asdict(report)) + "\n")
    else:
        sys.stdout.write(
            f"{report.pack}: int8 models installed; true accept rate at FMR 1e-3 {report.tar_f32:.4f} in f32, "
            f"{report.tar:.4f} in int8; cosine {report.cosine_p50:.4f} median, {report.cosine_min:.4f} at least; "
            'set inference.precision = "int8" and enrol anew\n'
        )
    return ExitCode.DONE


def quantize(pack_name: str, request: QuantizeRequest, context: ToolContext) -> PrecisionReport:
    """Quantises, measures, and installs what passes.

    Raises:
        As `run`.
    """
    plain = replace(context, inference=replace(context.inference, precision="f32"))
    installed = open_pack(plain, pack_name)
    base = replace(installed, manifest=without_variants(installed.manifest))
    wanted = _wanted(base, request.models)
    photos = _evenly(photos_below(request.calibration), request.most_photos)
    persons = groups_in(request.accuracy)
    with opened_runtime(plain) as runtime:
        inputs = gather_inputs(runtime, base, photos, plain)
        before = _look(base, persons, plain)
    with TemporaryDirectory(prefix="doorward-quantize-") as folder:
        made = {model.name: _make(base, model, inputs, request, Path(folder)) for model in wanted}
        after = _look(_trial(base, made, Path(folder)), persons, _in_int8(context))
        report = compare(base.manifest.name, INT8, persons, (before, after))
        check_accuracy(report)
        proven = {name: replace(one, record=replace(one.record, accuracy=_said(report))) for name, one in made.items()}
        # What an earlier run made and this one did not measure goes.
        install_variants(PackStore(context.home / "packs"), base, proven)
    return report


def _wanted(pack: InstalledPack, names: Sequence[str]) -> tuple[ModelEntry, ...]:
    models = pack.manifest.models
    unknown = set(names) - {model.name for model in models}
    if unknown:
        raise InvalidInput(
            ErrorReason.FIELD_INVALID,
            f"--model: pack {pack.manifest.name} has no {', '.join(sorted(unknown))}; it has "
            f"{', '.join(model.name for model in models)}",
        )
    return tuple(model for model in models if (model.name in names if names else model.role in _ROLES))


def _evenly(photos: Sequence[Path], most: int) -> list[Path]:
    step = max(1, -(-len(photos) // most))
    return list(photos[::step])


def _make(
    pack: InstalledPack, model: ModelEntry, inputs: CalibrationInputs, request: QuantizeRequest, folder: Path
) -> NewVariant:
    target = folder / f"{model.name}.onnx"
    vector = model.outputs[0] if model.role is ModelRole.EMBEDDER else ""
    quantise(pack.path_of(model), target, of_one_size(inputs.by_model[Path(model.file).stem]), vector)
    record = CalibrationRecord(
        method=method(),
        data=request.calibration.name,
        data_sha256=inputs.data_sha256,
        n_pictures=inputs.n_pictures,
        accuracy="",
    )
    return NewVariant(precision=INT8, path=target, record=record)


def _trial(pack: InstalledPack, made: Mapping[str, NewVariant], folder: Path) -> InstalledPack:
    """The pack as it would be, in a folder of its own."""
    tried, folder = with_variants(pack, made), folder / "trial"
    folder.mkdir()
    for model in tried.manifest.models:
        (folder / model.file).write_bytes(pack.path_of(model).read_bytes())
        for variant in model.variants:
            (folder / variant.file).write_bytes(made[model.name].path.read_bytes())
    return replace(tried, folder=folder)


def _look(pack: InstalledPack, persons: Sequence[PhotoGroup], context: ToolContext) -> Survey:
    with opened_runtime(context) as runtime:
        lab = lab_on(runtime, in_precision(pack, runtime.truth.actual_precision), context)
        return survey(lab, [photo for person in persons for photo in person.photos], f"Looking in {lab.precision}")


def _in_int8(context: ToolContext) -> ToolContext:
    return replace(context, inference=replace(context.inference, precision="int8"))


def _said(report: PrecisionReport) -> str:
    return (
        f"TAR at FMR 1e-3 {report.tar_f32:.4f} in f32, {report.tar:.4f} in int8 on {report.n_images} photos; "
        f"{report.bands_moved:.2%} change their band; cosine to f32 {report.cosine_p50:.4f} in the median, "
        f"{report.cosine_min:.4f} at least"
    )
