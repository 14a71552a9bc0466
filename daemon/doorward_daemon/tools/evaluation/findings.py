"""Everything one folder of pictures says about a pack, gathered in one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.identity import OpenSetRule
from doorward_daemon.inference import Runtime
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.eval_verification import EDC_RATE
from doorward_daemon.tools.evaluation.discard import DiscardFindings, find_discard
from doorward_daemon.tools.evaluation.identification import IdentificationFindings, find_identification
from doorward_daemon.tools.evaluation.liveness import Guard, LivenessFindings, find_liveness, has_presentations
from doorward_daemon.tools.evaluation.provenance import Provenance, provenance_of
from doorward_daemon.tools.evaluation.quality import QualityFindings, find_quality
from doorward_daemon.tools.evaluation.spoiling import spoil_photos
from doorward_daemon.tools.evaluation.verification import VerificationFindings, find_verification
from doorward_daemon.tools.lab import Lab, open_judge, open_pack, opened_runtime
from doorward_daemon.tools.photo_folder import PhotoGroup, bad_folder, groups_in
from doorward_daemon.tools.quality_sample import cosines_of
from doorward_daemon.tools.survey import survey
from doorward_daemon.vision.detection import Detector, open_detector
from doorward_daemon.vision.liveness import open_liveness

_PRESENTATIONS = ("bona_fide", "attack")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the report tells; a part that the folder holds nothing for is None."""

    provenance: Provenance
    """Where the figures come from."""
    remarks: tuple[str, ...]
    """What was not measured, and why."""
    verification: VerificationFindings | None
    """One to one."""
    identification: IdentificationFindings | None
    """One to many."""
    quality: QualityFindings | None
    """The quality score."""
    discard: DiscardFindings | None
    """Error versus discard on spoiled pictures."""
    liveness: LivenessFindings | None
    """Presentation attacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to measure."""

    folder: Path
    """The pictures."""
    pack: str
    """Name of a pack; empty = the configured, else the active one."""
    seed: int
    """Of everything that is drawn."""
    spoiled_photos: int
    """Photos spoiled at most; 0 spoils none."""
    liveness: LivenessPolicy
    """What passes as a living person."""
    command: Sequence[str]
    """Arguments of the command, for the record."""


def gather(wanted: Wanted, context: ToolContext) -> Findings:
    """Measures everything the folder holds pictures for.

    Args:
        wanted: what to measure.
        context: home and settings.

    Raises:
        InvalidInput: FIELD_INVALID, the folder holds nothing to measure.
        Conflict, Fault: the pack cannot be opened.
    """
    folder = wanted.folder
    persons = [group for group in groups_in(folder) if group.name not in _PRESENTATIONS]
    if len(persons) < 2 and not has_presentations(folder):
        raise bad_folder(
            folder,
            f"holds photos of {len(persons)} person(s) and no presentations; expected DIR/person/photo of two persons "
            "at least, or DIR/bona_fide/photo and DIR/attack/species/photo",
        )
    pack = open_pack(context, wanted.pack)
    with opened_runtime(context) as runtime:
        return _Gathering(wanted, context, pack, runtime).run(persons)


class _Gathering:
    def __init__(self, wanted: Wanted, context: ToolContext, pack: InstalledPack, runtime: Runtime) -> None:
        self._wanted, self._context, self._pack, self._runtime = wanted, context, pack, runtime
        self._remarks: list[str] = []

    def run(self, persons: Sequence[PhotoGroup]) -> Findings:
        detector = open_detector(self._pack, self._runtime, self._context.judging.detection)
        people = self._find_people(detector, persons) if len(persons) >= 2 else _NOBODY
        if len(persons) < 2:
            self._remarks.append("verification, identification, quality: the folder holds no photos of two persons")
        liveness = self._find_liveness(detector)
        wanted, manifest = self._wanted, self._pack.manifest
        origin = provenance_of(wanted.command, wanted.folder, manifest, self._runtime, self._context, wanted.seed)
        return Findings(
            provenance=origin,
            remarks=tuple(self._remarks),
            verification=people.verification,
            identification=people.identification,
            quality=people.quality,
            discard=people.discard,
            liveness=liveness,
        )

    def _find_people(self, detector: Detector, persons: Sequence[PhotoGroup]) -> "_People":
        manifest, wanted, judging = self._pack.manifest, self._wanted, self._context.judging
        lab = Lab(manifest, detector, open_judge(self._pack, self._runtime, self._context), judging.picture)
        photos = [photo for person in persons for photo in person.photos]
        found = survey(lab, photos, "Looking at photos")
        verification = find_verification(wanted.folder, manifest.name, persons, found, wanted.seed)
        rule = OpenSetRule(manifest.calibration, judging.open_set)
        identification = find_identification(manifest, persons, found, rule)
        if identification is None:
            self._remarks.append("identification: nobody has more than the three photos that are enrolled")
        if not wanted.spoiled_photos:
            self._remarks.append("quality: no photo was spoiled, as asked")
            return _People(verification, identification, None, None)
        spoiled = spoil_photos(lab, photos, wanted.spoiled_photos, wanted.seed)
        faces = {sight.path: sight.face for sight in found.sights}
        clean = [(face.quality.band, face.quality.score) for face in faces.values() if face is not None]
        discard = find_discard(spoiled, faces, verification.report.threshold_at_fmr[EDC_RATE], wanted.seed)
        return _People(
            verification, identification, find_quality(manifest.name, spoiled, clean, cosines_of(manifest)), discard
        )

    def _find_liveness(self, detector: Detector) -> LivenessFindings | None:
        folder, judging = self._wanted.folder, self._context.judging
        if not has_presentations(folder):
            self._remarks.append("liveness: there is no DIR/bona_fide and DIR/attack")
            return None
        checker = open_liveness(self._pack, self._runtime, judging.liveness)
        if checker is None:
            self._remarks.append(f"liveness: pack {self._pack.manifest.name} has no liveness models")
            return None
        return find_liveness(folder, Guard(detector, checker, judging.picture), self._wanted.liveness)


@dataclass(frozen=True, slots=True)
class _People:
    verification: VerificationFindings | None
    identification: IdentificationFindings | None
    quality: QualityFindings | None
    discard: DiscardFindings | None


_NOBODY = _People(None, None, None, None)
