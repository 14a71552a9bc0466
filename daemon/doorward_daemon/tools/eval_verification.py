"""`doorwardd eval verification DIR`: how well the pack tells people apart, one to one."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.degraded_verification import run_degraded
from doorward_daemon.tools.lab import LabFace, open_lab
from doorward_daemon.tools.photo_folder import PhotoGroup, bad_folder, groups_in
from doorward_daemon.tools.report import percent, print_json, print_tables, remark, table_of
from doorward_daemon.tools.statistics import EdcPoint, ErrorRates, compare_all, error_versus_discard
from doorward_daemon.tools.survey import Survey, survey

RATES = {"1e-2": 1e-2, "1e-3": 1e-3}
"""False match rates reported, as they are written in the JSON document."""
EDC_RATE = "1e-3"
"""False match rate whose threshold the error versus discard characteristic is taken at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    n_images: int
    """Photos in the folder."""
    n_failed_to_enrol: int
    """Photos without a face, or that could not be read."""
    n_genuine: int
    """Pairs of photos of one person."""
    n_impostor: int
    """Pairs of photos of two persons."""
    auc: float
    """Area under the ROC, 0..1."""
    eer: float
    """Equal error rate, 0..1."""
    balanced_accuracy: float
    """At the best threshold of this set, 0..1."""
    fnmr_at_fmr: Mapping[str, float]
    """False non-match rate at the threshold of each false match rate."""
    threshold_at_fmr: Mapping[str, float]
    """Smallest threshold whose false match rate is not above each rate."""
    edc: tuple[EdcPoint, ...]
    """Error versus discard characteristic."""
    images_per_s: float
    """Photos per second, decoding included."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `eval`."""
    parser = add_command(commands, "verification", "compares all pairs of photos, one to one (ISO/IEC 19795-1)")
    add_folder(parser, "DIR/person/photo")
    parser.add_argument("--degrade", action="store_true", help="compare spoiled copies: error versus discard only")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the spoiling (default: 0)")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder does not hold what is needed.
        Conflict, Fault: the pack cannot be opened.
    """
    persons = groups_in(arguments.folder)
    if len(persons) < 2:
        raise bad_folder(
            arguments.folder, f"holds photos of {len(persons)} person(s); expected DIR/person/photo, two at least"
        )
    with open_lab(context, arguments.pack) as lab:
        if arguments.degrade:
            run_degraded(arguments.folder, lab, persons, arguments.seed, as_json=arguments.json)
            return 0
        found = survey(lab, [photo for person in persons for photo in person.photos], "Looking at photos")
        report = measure(arguments.folder, lab.manifest.name, persons, found)
    _warn_of_few(report.n_impostor)
    if arguments.json:
        print_json(asdict(report))
    else:
        _print(report)
    return 0


def measure(folder: Path, pack: str, persons: Sequence[PhotoGroup], found: Survey) -> VerificationReport:
    """Compares all pairs of what was found.

    Args:
        folder: where the photos are, for messages.
        pack: name of the pack.
        persons: whose photos they are.
        found: one sight per photo, in the order of the persons' photos.

    Raises:
        InvalidInput: FIELD_INVALID, there is no pair of one person, or none of two persons.
    """
    names = [person.name for person in persons for _ in person.photos]
    seen = [(name, sight.face) for name, sight in zip(names, found.sights, strict=True) if sight.face is not None]
    pairs = compare_all(
        _vectors([face for _, face in seen]), [name for name, _ in seen], [face.quality.score for _, face in seen]
    )
    if not len(pairs.genuine) or not len(pairs.impostor):
        lacking = "two photos of one person" if not len(pairs.genuine) else "photos of two persons"
        raise bad_folder(folder, f"has faces in {len(seen)} of {len(names)} photos, but not in {lacking}")
    rates = ErrorRates.of(pairs.genuine, pairs.impostor)
    thresholds = {name: rates.threshold_at_fmr(rate) for name, rate in RATES.items()}
    return VerificationReport(
        pack=pack,
        n_images=len(names),
        n_failed_to_enrol=len(names) - len(seen),
        n_genuine=len(pairs.genuine),
        n_impostor=len(pairs.impostor),
        auc=rates.auc,
        eer=rates.eer,
        balanced_accuracy=rates.balanced_accuracy,
        fnmr_at_fmr={name: rates.fnmr(threshold) for name, threshold in thresholds.items()},
        threshold_at_fmr=thresholds,
        edc=error_versus_discard(pairs.genuine, pairs.genuine_quality, thresholds[EDC_RATE]),
        images_per_s=found.images_per_s,
    )


def _vectors(faces: Sequence[LabFace]) -> np.ndarray:
    return np.stack([face.embedding.template.vector for face in faces]) if faces else np.zeros((0, 1), np.float32)


def _warn_of_few(n_impostor: int) -> None:
    strictest = min(RATES.values())
    if n_impostor * strictest < 1:
        remark(f"{n_impostor} impostor pairs cannot show a false match rate of {strictest:g}: none of them may match")


def _print(report: VerificationReport) -> None:
    rows = [
        ("photos", f"{report.n_images}"),
        ("failed to enrol", f"{report.n_failed_to_enrol}"),
        ("pairs of one person / of two", f"{report.n_genuine} / {report.n_impostor}"),
        ("area under the ROC", f"{report.auc:.5f}"),
        ("equal error rate", percent(report.eer)),
        ("balanced accuracy, best threshold of this set", percent(report.balanced_accuracy)),
        ("photos per second", f"{report.images_per_s:.1f}"),
    ]
    rates = [(name, f"{report.threshold_at_fmr[name]:.4f}", percent(report.fnmr_at_fmr[name])) for name in RATES]
    edc = [(percent(point.discard), percent(point.fnmr)) for point in report.edc]
    print_tables(
        table_of(f"Verification, pack {report.pack}", ("measure", "value"), rows),
        table_of("Operating points", ("false match rate", "threshold", "false non-match rate"), rates),
        table_of(f"Error versus discard at FMR {EDC_RATE}", ("discarded", "false non-match rate"), edc),
    )
