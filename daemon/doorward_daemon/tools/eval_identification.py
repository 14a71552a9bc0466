"""`doorwardd eval identification DIR`: whom the pack names, and whether it leaves strangers alone, one to many."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from doorward_daemon.identity import OpenSetRule
from doorward_daemon.model.decision import Outcome
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import LabFace, open_lab
from doorward_daemon.tools.memory_index import index_of
from doorward_daemon.tools.photo_folder import PhotoGroup, bad_folder, groups_in
from doorward_daemon.tools.report import percent, print_json, print_tables, remark, table_of
from doorward_daemon.tools.statistics import OpenSetRates, SearchResult, open_set_rates
from doorward_daemon.tools.survey import survey

ENROLLED_PHOTOS = 3
"""Photos a person is enrolled with, the first ones by name."""

Faces = Mapping[Path, LabFace | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One half enrolled, the other half strangers."""

    enrolled: str
    """even or odd: which persons, counted from 0 in the order of their names."""
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
    """Share of strangers' probes for which somebody was named, both splits together."""
    fnir: float | None
    """Share of enrolled people's probes for which they were not named, both splits together."""
    rank1: float | None
    """Share of enrolled people's probes that came closest to themselves, both splits together."""
    n_mated: int
    """Probes of enrolled people."""
    n_nonmated: int
    """Probes of strangers."""
    threshold: float
    """Comparison score needed; the stricter one where the splits differ in size."""
    margin: float
    """Lead over the best other subject needed."""
    splits: tuple[Split, ...]
    """The two halves."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `eval`."""
    parser = add_command(commands, "identification", "enrols half of the people and searches, one to many, both ways")
    add_folder(parser, "DIR/person/photo")
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
        found = survey(lab, [photo for person in persons for photo in person.photos], "Looking at photos")
        report = measure(
            lab.manifest,
            persons,
            {sight.path: sight.face for sight in found.sights},
            OpenSetRule(lab.manifest.calibration, context.judging.open_set),
        )
    if arguments.json:
        print_json(asdict(report))
    else:
        _print(report)
    return 0


def measure(
    manifest: PackManifest, persons: Sequence[PhotoGroup], faces: Faces, rule: OpenSetRule
) -> IdentificationReport:
    """Searches both ways: even persons enrolled and odd ones strangers, then the other way round.

    Args:
        manifest: of the pack.
        persons: sorted by name.
        faces: what was seen in each photo.
        rule: decides about each search.
    """
    halves = (("even", persons[::2], persons[1::2]), ("odd", persons[1::2], persons[::2]))
    outcomes = [_search_half(manifest, enrolled, strangers, faces, rule) for _, enrolled, strangers in halves]
    splits = tuple(
        Split(enrolled=name, subjects=half.subjects, references=half.references, threshold=half.threshold,
              **asdict(open_set_rates(half.results)))
        for (name, _, _), half in zip(halves, outcomes, strict=True)
    )  # fmt: skip
    rates: OpenSetRates = open_set_rates([result for half in outcomes for result in half.results])
    return IdentificationReport(
        pack=manifest.name,
        fpir=rates.fpir,
        fnir=rates.fnir,
        rank1=rates.rank1,
        n_mated=rates.n_mated,
        n_nonmated=rates.n_nonmated,
        threshold=max(split.threshold for split in splits),
        margin=rule.decide((), 0).margin_needed,
        splits=splits,
    )


@dataclass(frozen=True, slots=True)
class _Half:
    results: tuple[SearchResult, ...]
    subjects: int
    references: int
    threshold: float


def _search_half(
    manifest: PackManifest,
    enrolled: Sequence[PhotoGroup],
    strangers: Sequence[PhotoGroup],
    faces: Faces,
    rule: OpenSetRule,
) -> _Half:
    references = [
        (person.name, face.embedding.template.vector) for person in enrolled for face in _enrolment(person, faces)
    ]
    index = index_of(manifest.embedding_id, references, count=len(references), dimension=manifest.embedding_dimension)

    def search(face: LabFace | None, mate: str | None) -> SearchResult:
        # The gate is on: what it refuses is never compared, and names nobody.
        if face is None or face.refused_by is not None:
            return SearchResult(mate, None, None)
        ranked = index.search(face.embedding.template.vector, 2)
        closest = ranked[0].subject_id if ranked else None
        decision = rule.decide(ranked, index.subjects)
        return SearchResult(mate, closest if decision.outcome is Outcome.MATCHED else None, closest)

    mated = [search(faces[photo], person.name) for person in enrolled for photo in person.photos[ENROLLED_PHOTOS:]]
    nonmated = [search(faces[photo], None) for person in strangers for photo in person.photos]
    return _Half((*mated, *nonmated), index.subjects, index.references, rule.threshold_for(index.subjects))


def _enrolment(person: PhotoGroup, faces: Faces) -> Iterable[LabFace]:
    """The faces a person is enrolled with; a photo the gate refuses is refused at enrolment as well, and named."""
    for photo in person.photos[:ENROLLED_PHOTOS]:
        face = faces[photo]
        if face is not None and face.refused_by is None:
            yield face
        elif face is not None:
            remark(f"{photo}: not enrolled, quality {face.quality.score:.2f}: {', '.join(face.quality.reasons)}")


def _print(report: IdentificationReport) -> None:
    rows = [
        ("false positive identification rate", percent(report.fpir), *(percent(split.fpir) for split in report.splits)),
        ("false negative identification rate", percent(report.fnir), *(percent(split.fnir) for split in report.splits)),
        ("closest is the right one (rank 1)", percent(report.rank1), *(percent(s.rank1) for s in report.splits)),
        ("probes of enrolled people", f"{report.n_mated}", *(f"{split.n_mated}" for split in report.splits)),
        ("probes of strangers", f"{report.n_nonmated}", *(f"{split.n_nonmated}" for split in report.splits)),
        ("subjects", "", *(f"{split.subjects}" for split in report.splits)),
        ("references", "", *(f"{split.references}" for split in report.splits)),
        ("threshold", f"{report.threshold:.4f}", *(f"{split.threshold:.4f}" for split in report.splits)),
        ("margin", f"{report.margin:.4f}", *("" for _ in report.splits)),
    ]
    columns = ("measure", "both", *(f"{split.enrolled} enrolled" for split in report.splits))
    print_tables(table_of(f"Identification, pack {report.pack}, gate on", columns, rows))
