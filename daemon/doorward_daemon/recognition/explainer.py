"""Writes the explanation of a decision: what ran, where, which gates were passed, which numbers decided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from doorward_daemon.identity.open_set import OpenSetDecision
from doorward_daemon.model.decision import (
    Candidate,
    DecisionRule,
    DeviceTruth,
    Explanation,
    JudgedFace,
    ModelUse,
    StageTime,
)
from doorward_daemon.model.liveness import NOT_CHECKED, LivenessPolicy
from doorward_daemon.model.quality import MaskPolicy
from doorward_daemon.packs.manifest import PackManifest

GATES = ("detect", "pre_gate", "gate", "liveness", "threshold", "margin")
"""The gates of a decision in the order in which their verdicts count."""

_STOPPED_BEFORE = {
    DecisionRule.NO_FACE_FOUND: "detect",
    DecisionRule.ONE_PERSON_AT_A_TIME: "pre_gate",
    DecisionRule.PRE_GATE: "pre_gate",
    DecisionRule.LIVENESS: "liveness",
    DecisionRule.GATE: "gate",
    DecisionRule.MASK_POLICY: "gate",
    DecisionRule.EMPTY_GALLERY: "threshold",
    DecisionRule.BELOW_THRESHOLD: "threshold",
    DecisionRule.BELOW_MARGIN: "margin",
    DecisionRule.NOT_THIS_PERSON: "margin",
    DecisionRule.IDENTITY_CHANGED: "threshold",
}
"""The first gate a rule says was not passed; a rule that is not here passed them all."""


@dataclass(frozen=True, slots=True)
class SearchedGallery:
    """The gallery a decision was taken on."""

    subjects: int
    """Subjects in it."""
    revision: int
    """Its revision."""


@dataclass(frozen=True, slots=True)
class AskedPolicies:
    """What was asked of a face besides its identity."""

    liveness: LivenessPolicy = LivenessPolicy.OFF
    """What was asked of liveness."""
    mask: MaskPolicy = MaskPolicy.OFF
    """What is made of masks."""


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What was found out about the face a decision is about."""

    judged: JudgedFace | None = None
    """The face with quality and liveness; None where there was none."""
    comparison_score: float | None = None
    """To the closest subject; None where nothing was compared."""
    similarity: float | None = None
    """The same calibrated; None where nothing was compared."""
    frames_used: int = 1
    """Frames that made the decision; 1 for a still picture."""
    follows_track: int = 0
    """The track in whose place the face was found; 0 where there was none."""

    @classmethod
    def of(
        cls, judged: JudgedFace | None, best: Candidate | None = None, frames_used: int = 1, follows_track: int = 0
    ) -> "Findings":
        """What a face and the closest subject say."""
        if best is None:
            return cls(judged, frames_used=frames_used, follows_track=follows_track)
        return cls(judged, best.comparison_score, best.similarity, frames_used, follows_track)


class Explainer:
    """Knows the pack and the device, and adds what one decision knows.

    Args:
        manifest: the pack that judges.
        read_device: where its models run now.
        target_fpir: false positive identification rate the thresholds aim at.
        asked: what is asked of a face besides its identity.
    """

    def __init__(
        self,
        manifest: PackManifest,
        read_device: Callable[[], DeviceTruth],
        target_fpir: float,
        asked: AskedPolicies | None = None,
    ) -> None:
        self._asked = asked or AskedPolicies()
        self._manifest = manifest
        self._read_device = read_device
        self._target_fpir = target_fpir
        self._models = tuple(ModelUse(model.name, model.sha256) for model in manifest.models)

    def explain(
        self,
        rule: DecisionRule,
        decision: OpenSetDecision,
        searched: SearchedGallery,
        times: Sequence[StageTime],
        findings: Findings | None = None,
    ) -> Explanation:
        """Puts one decision's reasons together.

        Args:
            rule: the rule that gave the outcome.
            decision: threshold and margin in force and found.
            searched: the gallery that was, or would have been, searched.
            times: time per stage.
            findings: what was found out about the face; None where there was none.
        """
        found = findings or Findings()
        quality = None if found.judged is None else found.judged.quality
        return Explanation(
            rule=rule,
            gates_passed=gates_before(rule),
            threshold=decision.threshold,
            margin_needed=decision.margin_needed,
            margin_found=decision.margin_found,
            target_fpir=self._target_fpir,
            gallery_subjects=searched.subjects,
            gallery_revision=searched.revision,
            frames_used=found.frames_used,
            follows_track=found.follows_track,
            pack=self._manifest.name,
            embedding_id=self._manifest.embedding_id,
            calibration=self._manifest.calibration.origin or f"pack {self._manifest.name}",
            models=self._models,
            device=self._read_device(),
            stage_times=tuple(times),
            comparison_score=found.comparison_score,
            similarity=found.similarity,
            quality_score=None if quality is None else quality.score,
            quality_band=None if quality is None else quality.band,
            liveness=NOT_CHECKED if found.judged is None else found.judged.liveness,
            liveness_policy=self._asked.liveness,
            mask_policy=self._asked.mask,
        )


def gates_before(rule: DecisionRule) -> tuple[str, ...]:
    """The gates that were passed when a rule decided, in order."""
    stop = _STOPPED_BEFORE.get(rule)
    return GATES if stop is None else GATES[: GATES.index(stop)]
