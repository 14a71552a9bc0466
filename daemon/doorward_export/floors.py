"""What a quality head must reach on the held-out photos to be committed."""

from collections.abc import Mapping
from types import MappingProxyType

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_export.evaluation import HeldOutReport

FLOORS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "compact": MappingProxyType(
            {
                "auroc_seen": 0.96,
                "auroc_unseen": 0.945,
                "clean_from_06": 0.94,
                "clean_from_08": 0.82,
                "non_faces_below_04": 0.99,
                "kept_from_04": 0.95,
                "masks_told": 0.95,
                "bare_told": 0.98,
            }
        ),
        "starter": MappingProxyType(
            {
                "auroc_seen": 0.97,
                "auroc_unseen": 0.94,
                "clean_from_06": 0.97,
                "clean_from_08": 0.92,
                "non_faces_below_04": 0.99,
                "kept_from_04": 0.97,
                "masks_told": 0.93,
                "bare_told": 0.98,
            }
        ),
    }
)
"""Least value of a figure, per pack: what was reached, less about what another sample of photos would move."""
CEILINGS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "compact": MappingProxyType(
            {"masked_from_08": 0.03, "masked_from_04": 0.05, "lost_from_04": 0.22, "profiles_from_08": 0.05}
        ),
        "starter": MappingProxyType(
            {"masked_from_08": 0.03, "masked_from_04": 0.1, "lost_from_04": 0.24, "profiles_from_08": 0.15}
        ),
    }
)
"""Greatest value of a figure, per pack."""


def check_floors(report: HeldOutReport) -> None:
    """Compares what was measured with what must be reached.

    Raises:
        Conflict: PACK_UNAVAILABLE, a figure falls short; the message names each.
    """
    found = {name: value for name, value in report.figures.items() if value is not None}
    problems = [
        f"{name} is {found.get(name, float('nan')):.4f}, at least {least} expected"
        for name, least in FLOORS[report.pack].items()
        if not found.get(name, float("nan")) >= least
    ]
    problems += [
        f"{name} is {found.get(name, float('nan')):.4f}, at most {most} expected"
        for name, most in CEILINGS[report.pack].items()
        if not found.get(name, float("nan")) <= most
    ]
    if problems:
        raise Conflict(
            ErrorReason.PACK_UNAVAILABLE,
            f"the quality head of {report.pack} falls short: {'; '.join(problems)}; train it with `make train-quality`",
            metadata={"pack": report.pack},
        )
