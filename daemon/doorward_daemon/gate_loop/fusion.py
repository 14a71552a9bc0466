"""Makes one template, and one verdict on liveness, of several looks at the same person."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from doorward_daemon.model.liveness import NOT_CHECKED, LivenessAssessment, LivenessReason, LivenessVerdict
from doorward_daemon.model.template import Template
from doorward_daemon.vision.liveness import LivenessSettings

# Looks whose mean is shorter than this contradict each other: their direction is chance.
_SHORTEST_MEAN = 1e-3
# Share of looks that show an attack from which the rest shows nobody alive.
_SPOOFED_SHARE = 0.25


def fuse_templates(templates: Sequence[Template], weights: Sequence[float]) -> Template | None:
    """The quality-weighted mean of templates, renormalised.

    Source: weighted average pooling of set-based recognition (NAN, Yang et al. 2017, with the quality as weight).

    Args:
        templates: of one embedding space, at least one.
        weights: quality score of each, 0..1.

    Returns:
        The fused template; None where the looks contradict each other so much that nothing is left.

    Raises:
        ValueError: nothing to fuse, or templates of two embedding spaces.
    """
    spaces = {(template.embedding_id, template.precision) for template in templates}
    if len(spaces) != 1 or len(templates) != len(weights):
        raise ValueError(f"templates: expected one embedding space and a weight each, found {len(spaces)} spaces")
    if len(templates) == 1:
        return templates[0]
    shares = np.maximum(np.asarray(weights, np.float64), 1e-6)
    stacked = np.stack([template.vector for template in templates]).astype(np.float64)
    mean = shares @ stacked / shares.sum()
    norm = float(np.linalg.norm(mean))
    if not norm > _SHORTEST_MEAN:
        return None
    return Template((mean / norm).astype(np.float32), templates[0].embedding_id, templates[0].precision)


def fuse_liveness(
    looks: Sequence[LivenessAssessment], settings: LivenessSettings, min_looks: int
) -> LivenessAssessment:
    """The mean liveness score of the looks that may be believed, with its verdict.

    One wrong look among many moves the mean little. Where a fourth of the looks or more show an attack, the others do
    not make up for it: an attacker can show his own face in between.

    Args:
        looks: on frames worth judging.
        settings: where the verdicts begin.
        min_looks: looks that a verdict needs.

    Returns:
        NOT_CHECKED where nothing was checked; UNSURE where too few looks may be believed, or where they disagree.
    """
    checked = [look for look in looks if look.score is not None]
    if not checked:
        unsure = [look for look in looks if look.verdict is LivenessVerdict.UNSURE]
        return unsure[-1] if unsure else NOT_CHECKED
    believed = [look for look in checked if _is_believed(look, settings)]
    score = float(np.mean([look.score for look in (believed or checked)]))
    ratios = tuple(np.mean([look.effective_scale_ratios for look in checked], axis=0).round(4).tolist())
    if len(believed) < min_looks:
        is_cut = len(believed) < len(checked)
        reason = LivenessReason.SURROUNDINGS_CUT if is_cut else LivenessReason.TOO_FEW_LOOKS
        return LivenessAssessment(LivenessVerdict.UNSURE, score, ratios, reason)
    spoofed = sum(look.verdict is LivenessVerdict.SPOOF for look in believed)
    found = replace(settings.verdict(score, ()), effective_scale_ratios=ratios)
    if found.verdict is LivenessVerdict.SPOOF:
        return _with_cues(found, believed)
    if spoofed >= _SPOOFED_SHARE * len(believed):
        return LivenessAssessment(LivenessVerdict.UNSURE, score, ratios, LivenessReason.LOOKS_DISAGREE)
    return found


def _with_cues(found: LivenessAssessment, looks: Sequence[LivenessAssessment]) -> LivenessAssessment:
    """Carries over from the looks what besides the networks showed the attack."""
    shown = next((look for look in reversed(looks) if look.reason is LivenessReason.SCREEN_PATTERN), None)
    return found if shown is None else replace(found, reason=shown.reason, cues=shown.cues)


def _is_believed(look: LivenessAssessment, settings: LivenessSettings) -> bool:
    # The checker calls a look of too few surroundings SPOOF only on strong evidence, and never LIVE.
    saw_enough = min(look.effective_scale_ratios, default=1.0) >= settings.min_scale_ratio
    return saw_enough or look.verdict is LivenessVerdict.SPOOF
