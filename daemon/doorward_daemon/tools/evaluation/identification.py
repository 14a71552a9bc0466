"""One to many: whom the pack names, and whether it leaves strangers alone, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from doorward_daemon.identity import OpenSetRule
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.tools.eval_identification import IdentificationReport, measure
from doorward_daemon.tools.evaluation.rate import Rate
from doorward_daemon.tools.half_splits import two_splits
from doorward_daemon.tools.identification_trial import ENROLLED_PHOTOS
from doorward_daemon.tools.photo_folder import PhotoGroup
from doorward_daemon.tools.probe_set import clean_probes
from doorward_daemon.tools.survey import Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentificationFindings:
    """What one to many search gave, both halves together."""

    report: IdentificationReport
    """As `eval identification` prints it."""
    fpir: Rate | None
    """Strangers' probes for which somebody was named."""
    fnir: Rate | None
    """Enrolled people's probes for which they were not named."""
    rank1: Rate | None
    """Enrolled people's probes that came closest to themselves."""


def find_identification(
    manifest: PackManifest, persons: Sequence[PhotoGroup], found: Survey, rule: OpenSetRule
) -> IdentificationFindings | None:
    """Searches both ways; None where nobody has more photos than an enrolment takes.

    Args:
        manifest: of the pack.
        persons: sorted by name.
        found: one sight per photo.
        rule: decides about each search.
    """
    if all(len(person.photos) <= ENROLLED_PHOTOS for person in persons):
        return None
    faces = clean_probes({sight.path: sight.face for sight in found.sights})
    report = measure(manifest, two_splits(persons), faces, rule)
    return IdentificationFindings(
        report=report,
        fpir=_rate(report.fpir, report.n_nonmated),
        fnir=_rate(report.fnir, report.n_mated),
        rank1=_rate(report.rank1, report.n_mated),
    )


def _rate(share: float | None, trials: int) -> Rate | None:
    return None if share is None else Rate.counted(round(share * trials), trials)
