"""Presentation attacks: per species how many pass, and how many living people do not, with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.errors import InvalidInput
from doorward_daemon.model.liveness import LivenessPolicy, LivenessVerdict
from doorward_daemon.tools.eval_liveness import passes
from doorward_daemon.tools.evaluation.rate import Rate
from doorward_daemon.tools.photo_folder import groups_in, photos_below
from doorward_daemon.tools.report import remark
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.detection import Detector
from doorward_daemon.vision.liveness import LivenessChecker
from doorward_daemon.vision.picture import PictureSettings, decode_picture


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationFinding:
    """Presentations of one kind."""

    verdicts: Mapping[str, int]
    """How often each verdict was given."""
    n_no_response: int
    """Presentations without a face, or that could not be read."""
    error: Rate | None
    """APCER of a species: share that passed; BPCER of bona fide presentations: share that did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessFindings:
    """What liveness said of every presentation, single frames."""

    policy: str
    """What counted as passing."""
    bona_fide: PresentationFinding
    """Living people."""
    attack: Mapping[str, PresentationFinding]
    """Per species of attack instrument."""


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """Asks liveness about the largest face of a photo."""

    detector: Detector
    """Finds faces."""
    checker: LivenessChecker
    """Judges them."""
    picture: PictureSettings
    """Limits of photos."""

    def verdict(self, photo: Path) -> LivenessVerdict | None:
        """The verdict; None where there is no face to ask about."""
        try:
            picture = decode_picture(photo.read_bytes(), self.picture)
        except (InvalidInput, OSError) as error:
            remark(f"{photo}: {error}")
            return None
        faces = self.detector.detect(picture.bgr_hwc).largest_first()
        if not faces:
            remark(f"{photo}: no face found")
            return None
        return self.checker.assess(picture.bgr_hwc, faces[0]).verdict


def has_presentations(folder: Path) -> bool:
    """Whether a folder holds DIR/bona_fide and DIR/attack."""
    return (folder / "bona_fide").is_dir() and (folder / "attack").is_dir()


def find_liveness(folder: Path, guard: Guard, policy: LivenessPolicy) -> LivenessFindings:
    """Asks about every presentation.

    Args:
        folder: with DIR/bona_fide/photo and DIR/attack/species/photo.
        guard: asks.
        policy: what passes.

    Raises:
        InvalidInput: FIELD_INVALID, a folder holds no photo.
    """
    bona_fide = _present(guard, photos_below(folder / "bona_fide"), "bona fide")
    attack = {group.name: _present(guard, group.photos, group.name) for group in groups_in(folder / "attack")}
    return LivenessFindings(
        policy=policy.value,
        bona_fide=_finding(bona_fide, policy, is_attack=False),
        attack={name: _finding(verdicts, policy, is_attack=True) for name, verdicts in attack.items()},
    )


def _present(guard: Guard, photos: tuple[Path, ...], name: str) -> list[LivenessVerdict | None]:
    return [guard.verdict(photo) for photo in progress(photos, f"Looking at {name}")]


def _finding(verdicts: list[LivenessVerdict | None], policy: LivenessPolicy, *, is_attack: bool) -> PresentationFinding:
    answered = [verdict for verdict in verdicts if verdict is not None]
    return PresentationFinding(
        verdicts={verdict.value: answered.count(verdict) for verdict in LivenessVerdict if verdict in answered},
        n_no_response=len(verdicts) - len(answered),
        error=Rate.of(passes(policy, verdict) is is_attack for verdict in answered),
    )
