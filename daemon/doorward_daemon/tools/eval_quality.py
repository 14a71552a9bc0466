"""`doorwardd eval quality DIR`: does the quality score tell pictures that can be compared from pictures that cannot?"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.quality import QualityBand
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import open_lab
from doorward_daemon.tools.photo_folder import bad_folder
from doorward_daemon.tools.quality_sample import ANY_KIND, QualityEntry, QualitySample, sample_degraded, sample_folders
from doorward_daemon.tools.report import percent, print_json, print_tables, table_of
from doorward_daemon.tools.statistics import auroc, fpr_at_tpr

KEPT_TPR = 0.95
"""Share of the good pictures that must pass where the passing share of the bad ones is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindReport:
    """How pictures of one kind fared."""

    auroc: float | None
    """Good against bad pictures of this kind; None where one side is empty."""
    rejected_share: float | None
    """Share of the bad ones in band rejected; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    auroc: float
    """Chance that a good picture scores above a bad one, ties counted half."""
    fpr_at_95_tpr: float
    """Share of the bad pictures that pass where 95 % of the good ones pass."""
    by_kind: Mapping[str, KindReport]
    """Per kind of bad picture."""
    bands: Mapping[str, float]
    """Share of the clean pictures in each band."""
    n_in: int
    """Good pictures."""
    n_out: int
    """Bad pictures."""
    n_no_face: int
    """Pictures in which no face was found, or that could not be read."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `eval`."""
    parser = add_command(commands, "quality", "measures whether the quality score tells good pictures from bad ones")
    add_folder(parser, "DIR/in/photo and DIR/out/kind/photo; with --degrade, any photos of faces")
    parser.add_argument("--degrade", action="store_true", help="spoil the photos and see which copies lose identity")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the spoiling (default: 0)")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder does not hold what is needed.
        Conflict, Fault: the pack cannot be opened.
    """
    with open_lab(context, arguments.pack) as lab:
        if arguments.degrade:
            sample = sample_degraded(lab, arguments.folder, arguments.seed)
        else:
            sample = sample_folders(lab, arguments.folder)
        pack = lab.manifest.name
    good = sum(entry.good for entry in sample.entries)
    if not 0 < good < len(sample.entries):
        raise bad_folder(
            arguments.folder, f"gave {good} good and {len(sample.entries) - good} bad pictures; expected some of both"
        )
    report = measure(pack, sample)
    if arguments.json:
        print_json(asdict(report))
    else:
        _print(report)
    return 0


def measure(pack: str, sample: QualitySample) -> QualityReport:
    """Computes the report of a sample with good and bad pictures."""
    good, bad = _scores(sample.entries, good=True), _scores(sample.entries, good=False)
    return QualityReport(
        pack=pack,
        auroc=auroc(good, bad),
        fpr_at_95_tpr=fpr_at_tpr(good, bad, KEPT_TPR),
        by_kind={
            kind: _measure_kind([e for e in sample.entries if e.kind in (kind, ANY_KIND)]) for kind in sample.kinds
        },
        bands={band.lower(): _share([found is band for found in sample.clean_bands]) for band in QualityBand},
        n_in=len(good),
        n_out=len(bad),
        n_no_face=sample.n_no_face,
    )


def _measure_kind(entries: Sequence[QualityEntry]) -> KindReport:
    good, bad = _scores(entries, good=True), _scores(entries, good=False)
    rejected = [entry.band is QualityBand.REJECTED for entry in entries if not entry.good]
    return KindReport(
        auroc=auroc(good, bad) if len(good) and len(bad) else None,
        rejected_share=_share(rejected) if rejected else None,
    )


def _scores(entries: Sequence[QualityEntry], *, good: bool) -> NDArray[np.float64]:
    return np.asarray([entry.score for entry in entries if entry.good is good], np.float64)


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)


def _print(report: QualityReport) -> None:
    rows = [
        ("good against bad (AUROC)", f"{report.auroc:.4f}"),
        ("bad that pass where 95 % of the good pass", percent(report.fpr_at_95_tpr)),
        ("good / bad pictures", f"{report.n_in} / {report.n_out}"),
        ("without a face", f"{report.n_no_face}"),
    ]
    kinds = [
        (kind, "-" if found.auroc is None else f"{found.auroc:.4f}", percent(found.rejected_share))
        for kind, found in report.by_kind.items()
    ]
    print_tables(
        table_of(f"Quality score, pack {report.pack}", ("measure", "value"), rows),
        table_of("Kinds of bad pictures", ("kind", "AUROC", "bad ones rejected"), kinds),
        table_of("Bands of the clean pictures", ("band", "share"), [(b, percent(s)) for b, s in report.bands.items()]),
    )
