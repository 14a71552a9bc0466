"""What the answers of the peers come to: speed beside accuracy, as ratios within one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from peer import Answer

from doorward_daemon.tools.statistics import ErrorRates, compare_all

FMR = 1e-3
"""False match rate that error rates are compared at."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The answers of one peer, in the order of the photos."""

    name: str
    """Its name."""
    title: str
    """What it is."""
    version: str
    """Its version."""
    answers: list[Answer]
    """One per photo."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One row of the table."""

    name: str
    """Name of the peer."""
    title: str
    """What it is."""
    version: str
    """Its version."""
    min_ms: float
    """Its fastest picture."""
    p50_ms: float
    """Its median picture."""
    slower: float
    """Median over the photos of its time over Doorward's for the same photo; 1 for Doorward."""
    failed_to_enrol: int
    """Photos in which it found no face."""
    balanced_accuracy: float
    """At the best threshold of these photos."""
    fnmr: float
    """False non-match rate at FMR 1e-3."""

    def to_json(self) -> dict[str, Any]:
        """The row as JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "version": self.version,
            "min_ms": round(self.min_ms, 3),
            "p50_ms": round(self.p50_ms, 3),
            "slower": round(self.slower, 3),
            "failed_to_enrol": self.failed_to_enrol,
            "balanced_accuracy": round(self.balanced_accuracy, 5),
            "fnmr_at_fmr_1e-3": round(self.fnmr, 5),
        }


def compare(measured: Sequence[Measured], persons: Sequence[str]) -> list[Compared]:
    """Makes the rows.

    Args:
        measured: the peers, Doorward first.
        persons: name of the person of each photo.
    """
    return [_compare(one, measured[0], persons) for one in measured]


def _compare(one: Measured, first: Measured, persons: Sequence[str]) -> Compared:
    seen = [(person, answer.vector) for person, answer in zip(persons, one.answers, strict=True) if answer.vector]
    vectors = np.asarray([vector for _, vector in seen], np.float64)
    # One scale for all: cosine. face_recognition compares by distance; its vectors are centred first, as cosines of
    # vectors that share a large common part crowd near 1.
    vectors -= vectors.mean(axis=0) if one.name == "face_recognition" else 0.0
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = compare_all(vectors.astype(np.float32), [person for person, _ in seen], np.ones(len(seen)))
    rates = ErrorRates.of(pairs.genuine, pairs.impostor)
    times = [answer.ms for answer in one.answers]
    return Compared(
        name=one.name,
        title=one.title,
        version=one.version,
        min_ms=min(times),
        p50_ms=median(times),
        slower=median(answer.ms / base.ms for answer, base in zip(one.answers, first.answers, strict=True)),
        failed_to_enrol=len(one.answers) - len(seen),
        balanced_accuracy=rates.balanced_accuracy,
        fnmr=rates.fnmr(rates.threshold_at_fmr(FMR)),
    )


def as_markdown(rows: Sequence[Compared], document: Mapping[str, Any]) -> str:
    """The table."""
    hardware = document["hardware"]
    frame = document["frame"]
    command = f"make bench-peers FRAME={frame}" if frame else "make bench-peers"
    lines = [
        f"{document['photos']} photos of {document['people']} people, {hardware['cpu']}, {hardware['cores']} cores, "
        f"{document['date']}; `{command}`",
        "",
        "| peer | fastest | median | times slower | no face found | balanced accuracy | FNMR at FMR 1e-3 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {row.title} ({row.version}) | {row.min_ms:.1f} ms | {row.p50_ms:.1f} ms | {row.slower:.1f} | "
        f"{row.failed_to_enrol} | {row.balanced_accuracy:.4f} | {row.fnmr:.4f} |"
        for row in rows
    ]
    limit = document["benchmark_app"]
    if limit:
        parts = ", ".join(f"{name} {ms:.2f} ms" for name, ms in limit["median_ms"].items())
        lines += ["", f"OpenVINO's benchmark_app on the same networks: {parts}; together {limit['sum_ms']:.2f} ms"]
    return "\n".join(lines) + "\n"
