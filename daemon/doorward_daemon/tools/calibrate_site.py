"""`doorwardd calibrate DIR`: thresholds and margin from an operator's own enrolment photos, written as a profile."""

import argparse
import shlex
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from doorward_daemon.errors import ErrorReason, ExitCode, FieldProblem, InvalidInput
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.packs.site_profile import PROFILE_FILE, SiteProfile, write_profile
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import open_lab, open_own_pack
from doorward_daemon.tools.photo_folder import bad_folder, groups_in
from doorward_daemon.tools.report import percent, print_json, print_tables, remark, table_of
from doorward_daemon.tools.site_measurement import SiteMeasurement
from doorward_daemon.tools.statistics import Crowd
from doorward_daemon.tools.survey import survey


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `calibrate`."""
    parser = add_command(commands, "site", "sets thresholds and margin from photos of this site's own people")
    add_folder(parser, "DIR/person/photo")
    parser.add_argument("--fmr", type=_rate, default=1e-3, metavar="R", help="wanted of a verification (default: 1e-3)")
    parser.add_argument("--fpir", type=_rate, default=1e-3, metavar="R", help="wanted of a search (default: 1e-3)")
    parser.add_argument(
        "--gallery-size", type=_size, default=0, metavar="N", help="subjects planned (default: the people of DIR)"
    )
    place = parser.add_mutually_exclusive_group()
    place.add_argument("-o", "--output", type=Path, metavar="FILE", help="writes the profile there")
    place.add_argument(
        "--install", action="store_true", help=f"writes it to <home>/{PROFILE_FILE}, in force from the next start on"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder does not show enough people, or the file cannot be written.
        Conflict, Fault: the pack cannot be opened.
    """
    persons = groups_in(arguments.folder)
    with open_lab(context, arguments.pack, open_own_pack(context, arguments.pack)) as lab:
        photos = [photo for person in persons for photo in person.photos]
        sights = survey(lab, photos, "Looking at photos").sights
        manifest = lab.manifest
    numbers = [number for number, person in enumerate(persons) for _ in person.photos]
    seen = [(number, sight.face) for number, sight in zip(numbers, sights, strict=True) if sight.face is not None]
    kept = [(number, face.embedding.template.vector) for number, face in seen if face.refused_by is None]
    remark(f"{len(photos)} photos of {len(persons)} people, {len(kept)} of them pass the gate")
    if not kept or len({number for number, _ in kept}) == len(kept):
        raise bad_folder(arguments.folder, "shows nobody twice; expected several people with two photos or more each")
    people = Crowd(np.stack([vector for _, vector in kept]), np.asarray([number for number, _ in kept], np.intp))
    try:
        profile = profile_of(manifest, people, arguments)
    except ValueError as error:
        raise bad_folder(arguments.folder, f"shows too few people: {error}") from error
    _write(profile, arguments, context)
    if arguments.json:
        print_json(asdict(profile))
    else:
        _print(profile)
    return ExitCode.DONE


def profile_of(manifest: PackManifest, people: Crowd, wanted: argparse.Namespace) -> SiteProfile:
    """Measures.

    Args:
        manifest: of the pack.
        people: photos and whose they are.
        wanted: fmr, fpir, gallery_size (0 = as many as there are people), folder.

    Raises:
        ValueError: there are too few pairs, or their scores are all alike.
    """
    measured = SiteMeasurement(people, manifest.calibration)
    n_people = len(np.unique(people.persons))
    subjects = wanted.gallery_size or n_people
    search_threshold = measured.search_threshold(wanted.fpir, subjects)
    return SiteProfile(
        made_on=datetime.now(UTC).date().isoformat(),
        command=(
            f"doorwardd calibrate {shlex.quote(str(wanted.folder))} --pack {manifest.name} --fmr {wanted.fmr:g} "
            f"--fpir {wanted.fpir:g} --gallery-size {subjects}"
        ),
        pack=manifest.name,
        embedding_id=manifest.embedding_id,
        n_people=n_people,
        n_photos=len(people.persons),
        n_genuine=len(measured.genuine),
        n_impostor=len(measured.impostor),
        wanted_fmr=wanted.fmr,
        wanted_fpir=wanted.fpir,
        gallery_size=subjects,
        thresholds_at_fmr=measured.thresholds_at_fmr,
        search_threshold=search_threshold,
        margin=measured.margin(),
        intervals=measured.intervals(wanted.fmr, search_threshold),
    )


def _write(profile: SiteProfile, arguments: argparse.Namespace, context: ToolContext) -> None:
    path = context.home / PROFILE_FILE if arguments.install else arguments.output
    if path is None:
        remark(f"nothing was written; -o FILE keeps the profile, --install makes it {context.home / PROFILE_FILE}")
        return
    try:
        write_profile(path, profile)
    except OSError as error:
        problem = f"{path} cannot be written: {error.strerror}"
        raise InvalidInput(
            ErrorReason.FIELD_INVALID, problem, metadata={"file": str(path)}, problems=[FieldProblem("-o", problem)]
        ) from error
    how = "is in force from the next start of the daemon on" if arguments.install else "name it as open_set.profile"
    remark(f"{path}: written; {how}")


def _print(profile: SiteProfile) -> None:
    rows = [
        (name, f"{one.value:.4f}", f"{one.low:.4f}..{one.high:.4f}")
        if name.startswith("threshold")
        else (name, percent(one.value), f"{percent(one.low)}..{percent(one.high)}")
        for name, one in profile.intervals.items()
    ]
    counts = f"{profile.n_people} people, {profile.n_genuine} + {profile.n_impostor} pairs"
    title = f"Calibration of this site, pack {profile.pack}, {counts}"
    print_tables(table_of(title, ("measured", "value", "95 % interval"), rows))
    for rate, threshold in profile.thresholds_at_fmr:
        print(f"threshold at false match rate {rate:g}: {threshold}")
    print(f"search threshold for {profile.gallery_size} subjects: {profile.search_threshold}; margin: {profile.margin}")


def _rate(text: str) -> float:
    value = float(text)
    if not 1e-8 <= value < 1.0:
        raise argparse.ArgumentTypeError(f"expected a rate from 1e-8 to below 1, found {text}")
    return value


def _size(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 10_000_000:
        raise argparse.ArgumentTypeError(f"expected 1 to 10,000,000 subjects, found {text}")
    return value
