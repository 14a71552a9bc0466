"""The walk: an astronaut is enrolled and recognised; a stranger, a blur and a coffee cup are not."""

import sys
from dataclasses import dataclass
from pathlib import Path

from doorward_api.v1 import decision_pb2, quality_pb2
from doorward_client import AlreadyExists, DoorwardClient

SUBJECT_ID = "astronaut"
SUBJECT_NAME = "Eileen Collins"

EXPECTED = (
    ("probe", "the astronaut, another rendering", "MATCHED"),
    ("cameraman", "the cameraman, a stranger", "UNKNOWN"),
    ("coffee", "a cup of coffee", "NO_FACE"),
    ("blurred", "the astronaut, blurred by motion", "LOW_QUALITY"),
)
"""Name, what a person sees, outcome that must come out."""


@dataclass(frozen=True, slots=True)
class Step:
    """One picture of the walk and what was answered."""

    picture: str
    """What a person sees."""
    expected: str
    """Outcome that must come out."""
    outcome: str
    """Outcome that came out."""
    subject_id: str | None
    """Subject, for MATCHED."""
    quality_score: float | None
    """Quality score of the face; None without a face."""
    comparison_score: float | None
    """Score of the best candidate; None where nothing was compared."""
    similarity: float | None
    """The same, calibrated."""
    reasons: list[str]
    """Why the face is not worth more."""
    rule: str
    """The rule that decided."""
    pack: str
    """Pack that judged."""
    runtime: str
    """Runtime that ran it."""
    precision: str
    """Precision it ran in."""
    frame_to_decision_ms: float
    """Time from the decoded picture to the decision."""

    @property
    def as_expected(self) -> bool:
        """Whether the outcome is the one that must come out."""
        return self.outcome == self.expected


def enrol(client: DoorwardClient, picture: Path) -> str:
    """Enrols the astronaut; a second run finds her enrolled and leaves it at that.

    Returns:
        What happened, for the screen.
    """
    try:
        client.create_subject(subject_id=SUBJECT_ID, display_name=SUBJECT_NAME)
    except AlreadyExists:
        if client.get_subject(SUBJECT_ID).subject.references:
            return "was enrolled before"
    added = client.add_reference(SUBJECT_ID, picture)
    return f"enrolled with quality {added.reference.quality_score:.2f}"


def identify(client: DoorwardClient, picture: Path, seen: str, expected: str) -> Step:
    """Asks whom a picture shows."""
    answer = client.identify(picture).identification
    best = answer.candidates[0] if answer.candidates else None
    face = answer.face if answer.HasField("face") else None
    quality = face.quality if face is not None and face.HasField("quality") else None
    times_ms = [
        time.duration.ToNanoseconds() / 1e6 for time in answer.explanation.stage_times if time.stage != "decode"
    ]
    return Step(
        picture=seen,
        expected=expected,
        outcome=decision_pb2.Outcome.Name(answer.outcome).removeprefix("OUTCOME_"),
        subject_id=answer.match.subject_id or None,
        quality_score=quality.score if quality is not None else None,
        comparison_score=best.comparison_score if best else None,
        similarity=best.similarity if best else None,
        reasons=_reasons(quality),
        rule=decision_pb2.DecisionRule.Name(answer.explanation.rule).removeprefix("DECISION_RULE_"),
        pack=answer.explanation.pack,
        runtime=answer.explanation.runtime,
        precision=answer.explanation.precision,
        frame_to_decision_ms=round(sum(times_ms), 3),
    )


def enrol_first(target: str, picture: Path) -> str:
    """Enrols the astronaut; says what happened."""
    with DoorwardClient(target) as client:
        return f"{SUBJECT_NAME} {enrol(client, picture)}"


def walk(target: str, pictures: dict[str, Path]) -> list[Step]:
    """Enrols and walks by once.

    Args:
        target: a listener that may enrol, e.g. `unix:<home>/run/enroller.sock`.
        pictures: path of each picture by its name.

    Raises:
        DoorwardError: a call failed.
    """
    with DoorwardClient(target) as client:
        print(f"{SUBJECT_NAME} {enrol(client, pictures['enrol'])}", file=sys.stderr)
        return [identify(client, pictures[name], seen, expected) for name, seen, expected in EXPECTED]


def show(steps: list[Step]) -> None:
    """Prints the walk as a table on stderr."""
    lines = [("picture", "outcome", "subject", "quality", "score", "similarity", "rule", "reasons")]
    lines += [
        (
            step.picture, step.outcome if step.as_expected else f"{step.outcome} (expected {step.expected})",
            step.subject_id or "-", _number(step.quality_score), _number(step.comparison_score),
            _number(step.similarity), step.rule, ", ".join(step.reasons) or "-",
        )
        for step in steps
    ]  # fmt: skip
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip(),
            file=sys.stderr,
        )


def _reasons(quality: quality_pb2.QualityAssessment | None) -> list[str]:
    reasons = [] if quality is None else quality.reasons
    return [quality_pb2.QualityReason.Name(reason).removeprefix("QUALITY_REASON_") for reason in reasons]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
