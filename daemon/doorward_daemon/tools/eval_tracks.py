"""`doorwardd eval tracks DIR`: how well one person in a track is told from another who takes the place."""

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.access import DoorPolicy
from doorward_daemon.gallery import GallerySettings, open_gallery
from doorward_daemon.gate_loop import GateLoopSettings, IdentifierParts, LikenessLimits, SearchSettings, open_gate_parts
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.packs.precision import in_precision
from doorward_daemon.recognition.opening import PackModels
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.film_looks import FRAMES_PER_S, watch_film
from doorward_daemon.tools.lab import Lab, lab_on, open_pack, opened_runtime
from doorward_daemon.tools.photo_folder import bad_folder, groups_in, photos_below
from doorward_daemon.tools.report import percent, print_json, print_tables, table_of
from doorward_daemon.tools.statistics import PairScores, compare_all
from doorward_daemon.tools.survey import survey
from doorward_daemon.tools.tracks_report import FilmReport, ScoreReport, Share, TracksReport


@dataclass(frozen=True, slots=True, eq=False)
class _GoodLooks:
    """Photos that are good enough to count as a look."""

    n_images: int
    names: tuple[str, ...]
    vectors: NDArray[np.float32]

    @classmethod
    def at(cls, lab: Lab, photos: Sequence[tuple[str, Path]], medium_from: float) -> "_GoodLooks":
        sights = survey(lab, [photo for _, photo in photos], "Looking at photos").sights
        good = [
            (name, sight.face.embedding.template.vector)
            for (name, _), sight in zip(photos, sights, strict=True)
            if sight.face is not None and sight.face.quality.score >= medium_from
        ]
        vectors = np.stack([vector for _, vector in good]) if good else np.zeros((0, 1), np.float32)
        return cls(len(photos), tuple(name for name, _ in good), vectors)

    def pairs(self) -> PairScores:
        return compare_all(self.vectors, self.names, np.ones(len(self.names)))


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `eval`."""
    parser = add_command(commands, "tracks", "tells persons in one track apart, on photos and films")
    add_folder(parser, "DIR/person/photo")
    parser.add_argument("--portraits", type=Path, metavar="DIR", help="portraits of many other people, one of each")
    parser.add_argument(
        "--film", action="append", default=[], metavar="FILE", help="shown to a gate; `demo` is the demonstration"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, a folder or a film does not hold what is needed.
        Conflict, Fault: the pack cannot be opened.
    """
    with ExitStack() as stack:
        report = _measure(arguments, context, stack)
    if arguments.json:
        print_json(asdict(report))
    else:
        _print(report)
    return 0


def _measure(arguments: argparse.Namespace, context: ToolContext, stack: ExitStack) -> TracksReport:
    runtime = stack.enter_context(opened_runtime(context))
    pack = in_precision(open_pack(context, arguments.pack), runtime.truth.actual_precision)
    limits = LikenessLimits.of(pack.manifest.calibration, None)
    lab = lab_on(runtime, pack, context)
    groups = groups_in(arguments.folder)
    seen = _GoodLooks.at(
        lab, [(group.name, photo) for group in groups for photo in group.photos], context.judging.gate.medium_from
    )
    pairs = seen.pairs()
    if not len(pairs.genuine) or not len(pairs.impostor):
        raise bad_folder(arguments.folder, "has no two good photos of one person, or none of two persons")
    others: _GoodLooks | None = None
    if arguments.portraits is not None:
        portraits = [(str(photo), photo) for photo in photos_below(arguments.portraits)]
        others = _GoodLooks.at(lab, portraits, context.judging.gate.medium_from)
    parts = _open_gate(PackModels(pack, runtime, context.judging), context, stack)
    return TracksReport(
        pack=pack.manifest.name,
        same_score=round(limits.same_score, 4),
        other_score=round(limits.other_score, 4),
        n_images=seen.n_images + (0 if others is None else others.n_images),
        n_good=len(seen.names) + (0 if others is None else len(others.names)),
        two_persons=ScoreReport.of(pairs.impostor, limits, one_person=False),
        portraits=None if others is None else _between(others, float(np.median(pairs.genuine)), limits),
        one_person=ScoreReport.of(pairs.genuine, limits, one_person=True),
        films=tuple(_watch(film, parts, limits) for film in arguments.film),
    )


def _between(portraits: _GoodLooks, look_alike_limit: float, limits: LikenessLimits) -> ScoreReport:
    scores = portraits.pairs().impostor
    return ScoreReport.of(scores[scores <= look_alike_limit], limits, one_person=False)


def _open_gate(models: PackModels, context: ToolContext, stack: ExitStack) -> IdentifierParts:
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="doorward-tracks-")))
    space = models.manifest.embedding_id
    gallery = stack.enter_context(open_gallery(folder, space, GallerySettings(spare_disk_bytes=0)))
    rule = OpenSetRule(models.manifest.calibration, context.judging.open_set)
    settings = GateLoopSettings(search=SearchSettings(when="always"))
    return open_gate_parts(models, gallery, rule, DoorPolicy(liveness=LivenessPolicy.OFF), settings)


def _watch(film: str, parts: IdentifierParts, limits: LikenessLimits) -> FilmReport:
    in_service = watch_film(film, parts, parts.settings.recheck_s)
    closely = watch_film(film, parts, 0.0)
    return FilmReport(
        film=film,
        frames=in_service.frames,
        tracks=in_service.tracks,
        splits=tuple(in_service.splits),
        splits_each_frame=tuple(closely.splits),
        a_frame_apart=ScoreReport.of(closely.scores_apart(1), limits, one_person=True),
        a_second_apart=ScoreReport.of(closely.scores_apart(FRAMES_PER_S), limits, one_person=True),
    )


def _print(report: TracksReport) -> None:
    columns = (
        "",
        "pairs",
        "min",
        "1 %",
        "median",
        "99 %",
        "max",
        f"at {report.same_score}",
        f"at {report.other_score}",
    )
    photos = [("two persons: change missed", report.two_persons), ("one person, days apart: split", report.one_person)]
    if report.portraits is not None:
        photos.insert(1, ("portraits: change missed", report.portraits))
    films = [
        table_of(
            f"{film.film}: {film.frames} frames, {film.tracks} tracks, split in frames {_listed(film.splits)};"
            f" looked at in each frame: {_listed(film.splits_each_frame)}",
            columns,
            [_row("a frame apart: split", film.a_frame_apart), _row("a second apart: in doubt", film.a_second_apart)],
        )
        for film in report.films
    ]
    title = f"Looks at one track, pack {report.pack}: {report.n_good} good ones of {report.n_images} photos"
    print_tables(table_of(title, columns, [_row(name, scores) for name, scores in photos]), *films)


def _row(name: str, scores: ScoreReport) -> tuple[str, ...]:
    points = [
        f"{scores.quantiles[point]:.3f}" if scores.quantiles else "" for point in ("min", "p1", "p50", "p99", "max")
    ]
    return (name, f"{scores.n}", *points, _share(scores.wrong_at_same), _share(scores.wrong_at_other))


def _share(found: Share) -> str:
    if found.share is None:
        return ""
    return f"{percent(found.share)} ({percent(found.low)}..{percent(found.high)})"


def _listed(frames: Sequence[int]) -> str:
    return ", ".join(str(frame) for frame in frames) or "none"
