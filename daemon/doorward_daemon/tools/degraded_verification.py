"""Verification with spoiled probes: is what the quality score dislikes what would have been falsely rejected?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.tools.lab import Lab
from doorward_daemon.tools.photo_folder import PhotoGroup, bad_folder
from doorward_daemon.tools.quality_sample import spoiled_copies
from doorward_daemon.tools.report import percent, print_json, print_tables, table_of
from doorward_daemon.tools.statistics import EdcPoint, ErrorRates, error_versus_discard
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.degradation import REFUSED, DegradationKind

MILD_SEVERITY = 0.4
"""Spoiling up to here counts as mild."""
RATE = 1e-3
"""False match rate whose threshold, over all comparisons, everything is measured at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DegradedReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    n_images: int
    """Photos in the folder."""
    n_probes: int
    """Spoiled copies in which a face was found."""
    n_genuine: int
    """Comparisons of a spoiled copy with another, clean photo of the same person."""
    n_impostor: int
    """Comparisons of a spoiled copy with a clean photo of another person."""
    threshold: float
    """Comparison score at FMR 1e-3 over all of these comparisons."""
    edc: tuple[EdcPoint, ...]
    """Error versus discard by the quality score of the spoiled copy."""
    edc_oracle: tuple[EdcPoint, ...]
    """The same by the true cosine of the copy to its own clean photo: what no score can do much better."""
    n_mild: int
    """Of the spoiled copies, those spoiled mildly (severity up to 0.4)."""
    edc_mild: tuple[EdcPoint, ...]
    """Error versus discard of those."""
    edc_mild_oracle: tuple[EdcPoint, ...]
    """The same by the true cosine."""


@dataclass(frozen=True, slots=True, eq=False)
class _Probes:
    """Spoiled copies, parallel arrays."""

    vectors: NDArray[np.float64]
    home: NDArray[np.intp]
    score: NDArray[np.float64]
    cosine: NDArray[np.float64]
    severity: NDArray[np.float64]


def run_degraded(folder: Path, lab: Lab, persons: Sequence[PhotoGroup], seed: int, *, as_json: bool) -> None:
    """Measures and prints.

    Args:
        folder: where the photos are, for messages.
        lab: the opened pack.
        persons: whose photos they are, two at least.
        seed: of the spoiling.
        as_json: one JSON document instead of tables.

    Raises:
        InvalidInput: FIELD_INVALID, there are too few faces.
    """
    report = measure_degraded(folder, lab, persons, seed)
    if as_json:
        print_json(asdict(report))
    else:
        _print(report)


def measure_degraded(folder: Path, lab: Lab, persons: Sequence[PhotoGroup], seed: int) -> DegradedReport:
    """Compares every spoiled copy with every clean photo but its own.

    Masks, drawings and what is no face are left out: the gate refuses them whatever the comparison would say.
    """
    named = [(number, photo) for number, person in enumerate(persons) for photo in person.photos]
    kinds = tuple(kind for kind in DegradationKind if kind not in REFUSED)
    seeds = np.random.default_rng(seed).integers(0, 2**31, size=len(named))
    clean: list[NDArray[np.float32]] = []
    owners: list[int] = []
    rows: list[tuple[NDArray[np.float32], int, float, float, float]] = []
    for (person, photo), photo_seed in zip(progress(named, "Spoiling photos"), seeds, strict=True):
        spoiled = spoiled_copies(lab, photo, int(photo_seed), kinds)
        if spoiled.clean is None:
            continue
        home = len(clean)
        clean.append(spoiled.clean.embedding.template.vector)
        owners.append(person)
        rows += [
            (copy.face.embedding.template.vector, home, copy.face.quality.score, copy.cosine, copy.severity)
            for copy in spoiled.copies
            if copy.face is not None
        ]
    if len(set(owners)) < 2 or len(owners) == len(set(owners)) or not rows:
        raise bad_folder(folder, "shows too few people; expected faces of two people and two photos of one")
    columns = list(zip(*rows, strict=True))
    probes = _Probes(np.stack(columns[0]).astype(np.float64), *(np.asarray(values) for values in columns[1:]))
    return _report(lab.manifest.name, len(named), np.stack(clean).astype(np.float64), np.asarray(owners), probes)


def _report(
    pack: str, n_images: int, clean: NDArray[np.float64], owners: NDArray[np.intp], probes: _Probes
) -> DegradedReport:
    scores = probes.vectors @ clean.T
    other = np.arange(len(clean))[None, :] != probes.home[:, None]
    same = owners[None, :] == owners[probes.home][:, None]
    genuine, impostor = same & other, ~same
    threshold = ErrorRates.of(scores[genuine], scores[impostor]).threshold_at_fmr(RATE)

    def edc(by: NDArray[np.float64], chosen: NDArray[np.bool_]) -> tuple[EdcPoint, ...]:
        pairs = genuine & chosen[:, None]
        quality = np.broadcast_to(by[:, None], scores.shape)[pairs]
        return error_versus_discard(scores[pairs], np.asarray(quality, np.float64), threshold)

    everyone, mild = np.ones(len(probes.home), np.bool_), probes.severity <= MILD_SEVERITY
    return DegradedReport(
        pack=pack,
        n_images=n_images,
        n_probes=len(probes.home),
        n_genuine=int(genuine.sum()),
        n_impostor=int(impostor.sum()),
        threshold=threshold,
        edc=edc(probes.score, everyone),
        edc_oracle=edc(probes.cosine, everyone),
        n_mild=int(mild.sum()),
        edc_mild=edc(probes.score, mild),
        edc_mild_oracle=edc(probes.cosine, mild),
    )


def _print(report: DegradedReport) -> None:
    rows = [
        ("photos", f"{report.n_images}"),
        ("spoiled copies / of them mild", f"{report.n_probes} / {report.n_mild}"),
        ("comparisons of one person / of two", f"{report.n_genuine} / {report.n_impostor}"),
        (f"threshold at FMR {RATE:g}", f"{report.threshold:.4f}"),
    ]
    points = zip(report.edc, report.edc_oracle, report.edc_mild, report.edc_mild_oracle, strict=True)
    edc = [(percent(four[0].discard), *(percent(point.fnmr) for point in four)) for four in points]
    print_tables(
        table_of(f"Verification of spoiled copies, pack {report.pack}", ("measure", "value"), rows),
        table_of("False non-match rate", ("discarded", "by score", "oracle", "mild, by score", "mild, oracle"), edc),
    )
