"""`doorwardd eval precision DIR`: what a speed mode costs in accuracy, on the same photos."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.eval_verification import measure as measure_verification
from doorward_daemon.tools.lab import Lab, LabFace, open_lab
from doorward_daemon.tools.photo_folder import PhotoGroup, bad_folder, groups_in
from doorward_daemon.tools.report import percent, print_json, print_tables, table_of
from doorward_daemon.tools.survey import Survey, survey

_RATE = "1e-3"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    precision: str
    """The speed mode, as it really ran."""
    n_images: int
    """Photos in the folder."""
    n_failed_f32: int
    """Photos without a face in f32."""
    n_failed: int
    """Photos without a face in the speed mode."""
    tar_f32: float
    """True accept rate at FMR 1e-3 in f32, 0..1."""
    tar: float
    """The same in the speed mode, at its own threshold."""
    tar_lost_points: float
    """How much of it is lost, in points of a hundred; negative where it gains."""
    bands_moved: float
    """Share of photos whose quality band is another one, 0..1."""
    cosine_min: float
    """Least cosine of a photo's template to its template in f32."""
    cosine_p50: float
    """Median of them."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `eval`."""
    parser = add_command(commands, "precision", "measures what a speed mode costs in accuracy")
    add_folder(parser, "DIR/person/photo")
    parser.add_argument("--to", required=True, choices=("bf16", "int8"), help="the speed mode")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder does not hold what is needed, or this machine has no such mode.
        Conflict, Fault: the pack cannot be opened.
    """
    persons = groups_in(arguments.folder)
    if len(persons) < 2:
        raise bad_folder(arguments.folder, f"holds photos of {len(persons)} person(s); expected two at least")
    photos = [photo for person in persons for photo in person.photos]
    found: dict[str, Survey] = {}
    for precision in ("f32", arguments.to):
        with open_lab(
            replace(context, inference=replace(context.inference, precision=precision)), arguments.pack
        ) as lab:
            _check_mode(lab, precision)
            found[precision] = survey(lab, photos, f"Looking at photos in {precision}")
            pack = lab.manifest.name
    report = compare(pack, arguments.to, persons, (found["f32"], found[arguments.to]))
    if arguments.json:
        print_json(asdict(report))
    else:
        _print(report)
    return 0


def compare(pack: str, precision: str, persons: Sequence[PhotoGroup], found: tuple[Survey, Survey]) -> PrecisionReport:
    """Compares two looks at the same photos.

    Args:
        pack: name of the pack.
        precision: the speed mode.
        persons: whose photos they are.
        found: in f32, and in the speed mode; one sight per photo, in the order of the persons' photos.

    Raises:
        InvalidInput: FIELD_INVALID, there are no pairs to compare.
    """
    folder = persons[0].photos[0].parent.parent
    before, after = (measure_verification(folder, pack, persons, one) for one in found)
    pairs = [
        (a.face, b.face)
        for a, b in zip(found[0].sights, found[1].sights, strict=True)
        if a.face is not None and b.face is not None
    ]
    cosines = [_cosine(a, b) for a, b in pairs]
    tar_before, tar_after = 1.0 - before.fnmr_at_fmr[_RATE], 1.0 - after.fnmr_at_fmr[_RATE]
    return PrecisionReport(
        pack=pack,
        precision=precision,
        n_images=before.n_images,
        n_failed_f32=before.n_failed_to_enrol,
        n_failed=after.n_failed_to_enrol,
        tar_f32=round(tar_before, 6),
        tar=round(tar_after, 6),
        tar_lost_points=round(100.0 * (tar_before - tar_after), 4),
        bands_moved=round(float(np.mean([a.quality.band is not b.quality.band for a, b in pairs])), 6),
        cosine_min=round(min(cosines), 6),
        cosine_p50=round(float(np.median(cosines)), 6),
    )


def _cosine(one: LabFace, other: LabFace) -> float:
    return float(np.dot(one.embedding.template.vector, other.embedding.template.vector))


def _check_mode(lab: Lab, precision: str) -> None:
    if lab.precision.partition("/")[0] != precision:
        raise InvalidInput(
            ErrorReason.FIELD_INVALID,
            f"--to {precision}: this machine computes in {lab.precision} instead; run it where the mode exists",
        )


def _print(report: PrecisionReport) -> None:
    rows = [
        ("true accept rate at FMR 1e-3, f32", percent(report.tar_f32)),
        (f"the same in {report.precision}", percent(report.tar)),
        ("lost, points", f"{report.tar_lost_points:.2f}"),
        ("photos in another band", percent(report.bands_moved)),
        ("photos without a face, f32 / here", f"{report.n_failed_f32} / {report.n_failed}"),
        ("cosine to the f32 template, least / median", f"{report.cosine_min:.4f} / {report.cosine_p50:.4f}"),
    ]
    print_tables(table_of(f"{report.precision} against f32, pack {report.pack}", ("measure", "value"), rows))
