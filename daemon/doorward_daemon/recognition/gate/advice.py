"""Puts complaints in order and turns them into what a person can do."""

from collections.abc import Collection, Iterable, Sequence
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


HELPS_FIRST = (
    # Who stands in the wrong place is seen small, blurred or in part: from the right place the rest is judged anew.
    QualityReason.FACE_TOO_SMALL,
    QualityReason.FACE_TOO_LARGE,
    QualityReason.FACE_CROPPED,
    # What covers a face does so in any light and pose, and comes off in a moment.
    QualityReason.MASK,
    QualityReason.FACE_COVERED,
    # A camera exposes the dark for long: with light, noise and half of the blur go too.
    QualityReason.TOO_DARK,
    QualityReason.TOO_BRIGHT,
    # A turn of the head is one movement; only who has turned is asked to hold still.
    QualityReason.YAW,
    QualityReason.PITCH,
    QualityReason.ROLL,
    QualityReason.BLUR,
    # The room has to be changed, not the person.
    QualityReason.UNEVEN_LIGHT,
    QualityReason.LOW_CONTRAST,
    # What the models conclude: mostly an effect of what stands above.
    QualityReason.DOUBTFUL_FACE,
    QualityReason.IDENTITY_LOST,
    QualityReason.SEVERAL_FACES,
)
"""In which order causes of about the same weight are named and remedied."""

_RANKS = MappingProxyType({reason: rank for rank, reason in enumerate(HELPS_FIRST)})

# A cause that costs less than this share of the costliest one can wait, wherever it stands in the order: who moves and
# has turned a little is asked to hold still.
_MAIN_SHARE = 0.5


def order_reasons(
    deductions: Iterable[Deduction], *, must_complain: bool, refusals: Collection[QualityReason] = ()
) -> tuple[QualityReason, ...]:
    """Orders complaints by what helps most: main causes, lesser causes, each as in HELPS_FIRST, then the symptoms.

    Main causes are those that refuse by themselves and those that cost at least half of what the costliest one does.
    Symptoms, which the models conclude, are ordered by their cost.

    Args:
        deductions: what lowered the score; several of one reason add up.
        must_complain: name the costliest even where none is worth a word, for a face that is not high.
        refusals: what is named and main whatever it costs.
    """
    costs: dict[QualityReason, float] = dict.fromkeys(refusals, 0.0)
    for deduction in deductions:
        costs[deduction.reason] = costs.get(deduction.reason, 0.0) + deduction.points
    named = [reason for reason in costs if reason in refusals or costs[reason] >= _threshold(reason)]
    if not named:
        return (max(costs, key=lambda reason: costs[reason]),) if must_complain and costs else ()
    main_from = _MAIN_SHARE * max((costs[reason] for reason in named if reason not in _SYMPTOMS), default=0.0)

    def place(reason: QualityReason) -> tuple[int, float]:
        if reason in _SYMPTOMS:
            return 2, -costs[reason]
        is_main = reason in refusals or costs[reason] >= main_from
        return 0 if is_main else 1, _RANKS[reason]

    return tuple(sorted(named, key=place))


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
