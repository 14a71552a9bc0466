"""`doorwardd calibrate cohort`: the mean faces by which a pack notices that a face resembles many people."""

import argparse
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import ExitCode
from doorward_daemon.identity import OPERATING_FMR, Cohort, ThresholdCurve
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import Lab, open_lab
from doorward_daemon.tools.photo_folder import PhotoGroup, bad_folder, groups_in, photos_below
from doorward_daemon.tools.report import print_json, remark
from doorward_daemon.tools.statistics import mean_faces, normal_crowding
from doorward_daemon.tools.survey import survey

MEAN_FACES = 32
"""Mean faces of a cohort."""
LEAST_MEMBERS = 12
"""Portraits a mean face is made of."""
HALVINGS = 8
"""Times the portraits are halved to measure the normal crowding on portraits the mean faces were not made of."""
_LINE = 112


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    n_portraits: int
    """Portraits the gate lets pass."""
    n_mean_faces: int
    """Mean faces of the cohort."""
    crowding_normal: float
    """Median over the halvings."""
    crowding_normal_by_halving: tuple[float, ...]
    """What each halving gave."""
    fmr_without: float
    """False match rate of the portraits at the threshold of 1e-3 without the cohort, mean over the halvings."""
    cohort: str
    """The mean faces, base64."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `calibrate`."""
    parser = add_command(commands, "cohort", "averages portraits into the mean faces that tell crowded faces")
    parser.add_argument("--identities", type=Path, required=True, metavar="DIR", help="known people, DIR/person/photo")
    parser.add_argument("--portraits", type=Path, required=True, metavar="DIR", help="portraits of many people")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the first guesses (default: 0)")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder does not hold enough portraits.
        Conflict, Fault: the pack cannot be opened.
    """
    persons, photos = groups_in(arguments.identities), photos_below(arguments.portraits)
    with open_lab(context, arguments.pack) as lab:
        limit = _look_alike_limit(lab, persons)
        faces = [sight.face for sight in survey(lab, photos, "Looking at portraits").sights]
        calibration, name = lab.manifest.calibration, lab.manifest.name
    vectors = [face.embedding.template.vector for face in faces if face is not None and face.refused_by is None]
    if limit is None:
        raise bad_folder(arguments.identities, "shows nobody twice; expected DIR/person/photo")
    if len(vectors) < 4 * LEAST_MEMBERS:
        raise bad_folder(arguments.portraits, f"shows {len(vectors)} faces that pass the gate; expected many people")
    crowd = np.stack(vectors).astype(np.float64)
    report = measure(name, crowd, calibration.thresholds_at_fmr, limit, arguments.seed)
    halvings = ", ".join(f"{normal:.3f}" for normal in report.crowding_normal_by_halving)
    remark(f"{report.n_portraits} portraits, {report.n_mean_faces} mean faces; normal crowding by halving: {halvings}")
    if arguments.json:
        print_json(asdict(report))
    else:
        lines = "\n".join(textwrap.wrap(report.cohort, _LINE))
        print(f'crowding_normal = {report.crowding_normal}\ncohort = """\n{lines}"""')
    return ExitCode.DONE


def measure(
    pack: str,
    vectors: NDArray[np.float64],
    thresholds_at_fmr: Sequence[tuple[float, float]],
    look_alike_limit: float,
    seed: int,
) -> CohortReport:
    """Makes the cohort of all portraits; what crowding is normal is measured on those that were left out.

    Args:
        pack: its name.
        vectors: (N, D) float64, length 1 each.
        thresholds_at_fmr: of the pack; they say what a match is.
        look_alike_limit: portraits that resemble each other more are taken to be one person.
        seed: of the first guesses.
    """
    threshold = ThresholdCurve(thresholds_at_fmr).threshold_at(OPERATING_FMR)
    rng = np.random.default_rng(seed)
    normals, rates = [], []
    for _ in range(HALVINGS):
        inside = rng.random(len(vectors)) < 0.5
        cohort = _cohort(vectors[inside], seed)
        outside = vectors[~inside]
        crowding = cohort.crowding(outside.astype(np.float32)).astype(np.float64)
        pairs = np.triu_indices(len(outside), 1)
        scores = (outside @ outside.T)[pairs]
        strangers = scores < look_alike_limit
        both = ((crowding[:, None] + crowding[None, :]) / 2)[pairs]
        normals.append(round(normal_crowding(scores[strangers], both[strangers], threshold, OPERATING_FMR), 3))
        rates.append(float((scores[strangers] >= threshold).mean()))
    cohort = _cohort(vectors, seed)
    return CohortReport(
        pack=pack,
        n_portraits=len(vectors),
        n_mean_faces=len(cohort),
        crowding_normal=round(float(np.median(normals)), 3),
        crowding_normal_by_halving=tuple(normals),
        fmr_without=float(np.mean(rates)),
        cohort=cohort.encoded(),
    )


def _cohort(vectors: NDArray[np.float64], seed: int) -> Cohort:
    least = min(LEAST_MEMBERS, len(vectors) // MEAN_FACES // 2)
    return Cohort(mean_faces(vectors, MEAN_FACES, least, seed).astype(np.float32))


def _look_alike_limit(lab: Lab, persons: Sequence[PhotoGroup]) -> float | None:
    """Median comparison score of pairs of one known person, as in `calibrate pack`; None without such a pair."""
    scores: list[float] = []
    for person in persons:
        sights = survey(lab, person.photos, f"Looking at {person.name}").sights
        own = [sight.face.embedding.template.vector for sight in sights if sight.face is not None]
        scores += [float(np.dot(one, other)) for one, other in combinations(own, 2)]
    return float(np.median(scores)) if scores else None
