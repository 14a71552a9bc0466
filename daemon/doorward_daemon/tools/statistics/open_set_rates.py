"""Error rates of one-to-many search with strangers (ISO/IEC 19795-1)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One search and the truth about its probe."""

    mate: str | None
    """The subject the probe shows; None for a stranger."""
    named: str | None
    """The subject the open-set rule named; None where it named nobody or the gate refused the probe."""
    closest: str | None
    """The subject that came closest, whatever the rule said; None where nothing was compared."""


@dataclass(frozen=True, slots=True)
class OpenSetRates:
    """Rates over a set of searches; None where there was no search to count."""

    fpir: float | None
    """False positive identification rate: share of strangers' searches in which somebody was named."""
    fnir: float | None
    """False negative identification rate: share of enrolled people's searches in which they were not named."""
    rank1: float | None
    """Share of enrolled people's searches in which they came closest, whatever threshold and margin said."""
    n_mated: int
    """Searches by enrolled people."""
    n_nonmated: int
    """Searches by strangers."""


def open_set_rates(results: Sequence[SearchResult]) -> OpenSetRates:
    """Counts. A probe that the gate refused names nobody: right for a stranger, a miss for an enrolled person."""
    mated = [result for result in results if result.mate is not None]
    strangers = [result for result in results if result.mate is None]
    return OpenSetRates(
        fpir=_share(sum(result.named is not None for result in strangers), len(strangers)),
        fnir=_share(sum(result.named != result.mate for result in mated), len(mated)),
        rank1=_share(sum(result.closest == result.mate for result in mated), len(mated)),
        n_mated=len(mated),
        n_nonmated=len(strangers),
    )


def _share(count: int, total: int) -> float | None:
    return count / total if total else None
