"""Puts complaints in order and turns them into what a person can do."""

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from doorward_daemon.model.quality import Guidance, QualityReason
from doorward_daemon.recognition.gate.quality_score import Deduction

# Points from which a complaint is named: 0.5 take a face from 0.80 to 0.71.
_WORTH_A_WORD = 0.5

# What the models conclude; it comes after what the pixels show, which is mostly its cause. Half of all good portraits
# cost a little here, so it takes more to be worth a word.
_SYMPTOMS = (QualityReason.IDENTITY_LOST, QualityReason.DOUBTFUL_FACE)
_SYMPTOM_WORTH_A_WORD = 1.5

_REMEDIES = MappingProxyType(
    {
        QualityReason.FACE_TOO_SMALL: (Guidance.COME_CLOSER,),
        QualityReason.FACE_TOO_LARGE: (Guidance.STEP_BACK,),
        QualityReason.FACE_CROPPED: (Guidance.MOVE_TO_THE_CENTRE,),
        QualityReason.YAW: (Guidance.LOOK_AT_THE_CAMERA,),
        QualityReason.PITCH: (Guidance.LOOK_AT_THE_CAMERA,),
        QualityReason.ROLL: (Guidance.HOLD_HEAD_UPRIGHT,),
        QualityReason.BLUR: (Guidance.HOLD_STILL,),
        QualityReason.TOO_DARK: (Guidance.MORE_LIGHT,),
        QualityReason.TOO_BRIGHT: (Guidance.LESS_LIGHT,),
        QualityReason.LOW_CONTRAST: (Guidance.MORE_LIGHT,),
        QualityReason.UNEVEN_LIGHT: (Guidance.MORE_LIGHT,),
        QualityReason.SEVERAL_FACES: (Guidance.ONE_PERSON_AT_A_TIME,),
        QualityReason.IDENTITY_LOST: (Guidance.LOOK_AT_THE_CAMERA, Guidance.UNCOVER_THE_FACE),
        QualityReason.DOUBTFUL_FACE: (Guidance.LOOK_AT_THE_CAMERA, Guidance.UNCOVER_THE_FACE),
        QualityReason.FACE_COVERED: (Guidance.UNCOVER_THE_FACE,),
        QualityReason.MASK: (Guidance.TAKE_THE_MASK_OFF,),
    }
)


def order_reasons(deductions: Iterable[Deduction], *, must_complain: bool) -> tuple[QualityReason, ...]:
    """Orders complaints: what the pixels show by its cost, then what the models conclude by its cost.

    Args:
        deductions: what lowered the score; several of one reason add up.
        must_complain: name the costliest even where none is worth a word, for a face that is not high.
    """
    costs: dict[QualityReason, float] = {}
    for deduction in deductions:
        costs[deduction.reason] = costs.get(deduction.reason, 0.0) + deduction.points
    ordered = sorted(costs, key=lambda reason: (reason in _SYMPTOMS, -costs[reason]))
    named = tuple(reason for reason in ordered if costs[reason] >= _threshold(reason))
    if named or not must_complain or not costs:
        return named
    return (max(costs, key=lambda reason: costs[reason]),)


def advise(reasons: Sequence[QualityReason]) -> tuple[Guidance, ...]:
    """Turns ordered complaints into ordered guidance, each once.

    Args:
        reasons: most important first. A symptom is spoken to only where nothing else explains it: a person who
            moves is not told to uncover the face.
    """
    is_explained = any(reason not in _SYMPTOMS and reason is not QualityReason.SEVERAL_FACES for reason in reasons)
    causes = [reason for reason in reasons if reason not in _SYMPTOMS] if is_explained else reasons
    return tuple(dict.fromkeys(remedy for reason in causes for remedy in _REMEDIES[reason]))


def _threshold(reason: QualityReason) -> float:
    return _SYMPTOM_WORTH_A_WORD if reason in _SYMPTOMS else _WORTH_A_WORD
