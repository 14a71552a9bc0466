"""`doorwardd eval identification DIR`: whom the pack names, and whether it leaves strangers alone, one to many."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.identity import GallerySize, OpenSetRule
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.half_splits import HalfSplit, all_splits, two_splits
from doorward_daemon.tools.identification_trial import ENROLLED_PHOTOS, IdentificationTrial, Trial
from doorward_daemon.tools.lab import Lab, open_lab
from doorward_daemon.tools.photo_folder import PhotoGroup, bad_folder, groups_in, photos_below
from doorward_daemon.tools.probe_set import ProbeSet, look_at_people, look_at_spoiled
from doorward_daemon.tools.report import percent, print_json, print_tables, remark, table_of
from doorward_daemon.tools.statistics import OpenSetRates, open_set_rates, wilson_interval
from doorward_daemon.tools.survey import survey

_MOST_SEARCHES = 400_000
"""Searches of one evaluation; of many people's spoiled copies fewer splits are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One half enrolled, the other half strangers."""

    enrolled: str
    """even or odd, or their places: which persons, counted from 0 in the order of their names."""
    subjects: int
    """Persons with at least one reference."""
    references: int
    """References searched."""
    threshold: float
    """Comparison score needed at that size."""
    fpir: float | None
    """False positive identification rate."""
    fnir: float | None
    """False negative identification rate."""
    rank1: float | None
    """Share of enrolled people's probes that came closest to themselves."""
    n_mated: int
    """Probes of enrolled people."""
    n_nonmated: int
    """Probes of strangers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentificationReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    fpir: float | None
    """Share of strangers' probes for which somebody was named, all splits together."""
    fpir_upper_95: float | None
    """Upper end of its 95 % interval (Wilson), were all searches independent."""
    fpir_upper_95_by_photo: float | None
    """The same counted once per stranger's photo, named in any split: photos, not searches, are independent."""
    fnir: float | None
    """Share of enrolled people's probes for which they were not named, all splits together."""
    fnir_upper_95: float | None
    """Upper end of its 95 % interval (Wilson), were all searches independent."""
    rank1: float | None
    """Share of enrolled people's probes that came closest to themselves, all splits together."""
    n_mated: int
    """Probes of enrolled people."""
    n_nonmated: int
    """Probes of strangers."""
    n_strangers_named: int
    """Probes of strangers for which somebody was named."""
    n_stranger_photos: int
    """Photos of strangers."""
    n_distractors: int
    """Other people enrolled beside."""
    threshold: float
    """Comparison score needed; the stricter one where the splits differ in size."""
    margin: float
    """Lead over the best other subject needed."""
    splits: tuple[Split, ...]
    """The halves."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `eval`."""
    parser = add_command(commands, "identification", "enrols half of the people and searches, one to many, both ways")
    add_folder(parser, "DIR/person/photo")
    parser.add_argument(
        "--splits", choices=("two", "all"), default="two", help="even and odd people, or every half (default: two)"
    )
    parser.add_argument("--degrade", action="store_true", help="search for spoiled copies of the photos")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of spoiling and drawing (default: 0)")
    parser.add_argument("--distractors", type=Path, metavar="DIR", help="portraits of others, enrolled beside")
    parser.add_argument(
        "--gallery-size", type=int, default=0, metavar="N", help="subjects with the distractors (default: all)"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder does not hold what is needed.
        Conflict, Fault: the pack cannot be opened.
    """
    persons = groups_in(arguments.folder)
    if len(persons) < 2 or all(len(person.photos) <= ENROLLED_PHOTOS for person in persons):
        raise bad_folder(
            arguments.folder,
            f"holds photos of {len(persons)} person(s); expected two at least, one with over {ENROLLED_PHOTOS} photos",
        )
    with open_lab(context, arguments.pack) as lab:
        manifest = lab.manifest
        faces = look_at_spoiled(lab, persons, arguments.seed) if arguments.degrade else look_at_people(lab, persons)
        distractors = _distractors(lab, arguments, len(persons) // 2)
    _name_unenrolled(persons, faces)
    splits = two_splits(persons)
    if arguments.splits == "all":
        searches = max(1, sum(len(person.photos) for person in persons) * faces.probes_per_photo)
        splits = all_splits(persons, arguments.seed, max(2, min(252, _MOST_SEARCHES // searches)))
    rule = OpenSetRule(manifest.calibration, context.judging.open_set)
    report = measure(manifest, splits, faces, rule, distractors)
    if arguments.json:
        print_json(asdict(report))
    else:
        _print(report)
    return 0


def measure(
    manifest: PackManifest,
    splits: Sequence[HalfSplit],
    faces: ProbeSet,
    rule: OpenSetRule,
    distractors: Sequence[NDArray[np.float32]] = (),
) -> IdentificationReport:
    """Searches in every split.

    Args:
        manifest: of the pack.
        splits: who is enrolled and who is a stranger.
        faces: what was seen in each photo.
        rule: decides about each search.
        distractors: templates of other people that are enrolled beside, one subject each.
    """
    trial = IdentificationTrial(manifest, rule, faces, distractors)
    trials = [trial.run(split) for split in splits]
    rates: OpenSetRates = open_set_rates([result for one in trials for result in one.results])
    named = frozenset[Path]().union(*(one.named_photos for one in trials))
    photos = frozenset[Path]().union(*(one.stranger_photos for one in trials))
    return IdentificationReport(
        pack=manifest.name,
        fpir=rates.fpir,
        fpir_upper_95=_upper(rates.fpir, rates.n_nonmated),
        fpir_upper_95_by_photo=wilson_interval(len(named), len(photos))[1] if photos else None,
        fnir=rates.fnir,
        fnir_upper_95=_upper(rates.fnir, rates.n_mated),
        rank1=rates.rank1,
        n_mated=rates.n_mated,
        n_nonmated=rates.n_nonmated,
        n_strangers_named=_count(rates.fpir, rates.n_nonmated),
        n_stranger_photos=len(photos),
        n_distractors=len(distractors),
        threshold=max(one.threshold for one in trials),
        margin=rule.decide((), GallerySize(0, 0)).margin_needed,
        splits=tuple(_split_of(split, one) for split, one in zip(splits, trials, strict=True)),
    )


def _split_of(split: HalfSplit, trial: Trial) -> Split:
    return Split(
        enrolled=split.name,
        subjects=trial.subjects,
        references=trial.references,
        threshold=trial.threshold,
        **asdict(open_set_rates(trial.results)),
    )


def _count(share: float | None, total: int) -> int:
    return 0 if share is None else round(share * total)


def _upper(share: float | None, total: int) -> float | None:
    return None if share is None else wilson_interval(_count(share, total), total)[1]


def _distractors(lab: Lab, arguments: argparse.Namespace, enrolled: int) -> list[NDArray[np.float32]]:
    if arguments.distractors is None:
        return []
    photos = list(photos_below(arguments.distractors))
    np.random.default_rng(arguments.seed).shuffle(photos)
    wanted = max(0, arguments.gallery_size - enrolled) if arguments.gallery_size else len(photos)
    seen = survey(lab, photos[:wanted], "Looking at distractors").sights
    faces = [sight.face for sight in seen if sight.face is not None]
    return [face.embedding.template.vector for face in faces if face.refused_by is None]


def _name_unenrolled(persons: Sequence[PhotoGroup], faces: ProbeSet) -> None:
    """Names the photos the gate refuses: at enrolment they would be refused as well."""
    for person in persons:
        for photo in person.photos[:ENROLLED_PHOTOS]:
            face = faces.references[photo]
            if face is not None and face.refused_by is not None:
                remark(f"{photo}: not enrolled, quality {face.quality.score:.2f}: {', '.join(face.quality.reasons)}")


def _print(report: IdentificationReport) -> None:
    shown = report.splits if len(report.splits) == 2 else ()
    rows = [
        ("false positive identification rate", percent(report.fpir), *(percent(split.fpir) for split in shown)),
        ("  at most, with 95 % confidence, by search", percent(report.fpir_upper_95), *("" for _ in shown)),
        ("  at most, with 95 % confidence, by photo", percent(report.fpir_upper_95_by_photo), *("" for _ in shown)),
        ("false negative identification rate", percent(report.fnir), *(percent(split.fnir) for split in shown)),
        ("  at most, with 95 % confidence, by search", percent(report.fnir_upper_95), *("" for _ in shown)),
        ("closest is the right one (rank 1)", percent(report.rank1), *(percent(split.rank1) for split in shown)),
        ("probes of enrolled people", f"{report.n_mated}", *(f"{split.n_mated}" for split in shown)),
        ("probes of strangers", f"{report.n_nonmated}", *(f"{split.n_nonmated}" for split in shown)),
        ("subjects", f"{max(split.subjects for split in report.splits)}", *(f"{split.subjects}" for split in shown)),
        ("references", "", *(f"{split.references}" for split in shown)),
        ("threshold", f"{report.threshold:.4f}", *(f"{split.threshold:.4f}" for split in shown)),
        ("margin", f"{report.margin:.4f}", *("" for _ in shown)),
        ("splits", f"{len(report.splits)}", *("" for _ in shown)),
    ]
    columns = ("measure", "all", *(f"{split.enrolled} enrolled" for split in shown))
    print_tables(table_of(f"Identification, pack {report.pack}, gate on", columns, rows))
