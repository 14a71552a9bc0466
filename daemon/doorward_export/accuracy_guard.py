"""Refuses a speed mode that is wrong more often."""

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.tools.eval_precision import PrecisionReport

MOST_TAR_LOST_POINTS = 0.2
"""Points of true accept rate at FMR 1e-3 that may be lost."""
MOST_BANDS_MOVED = 0.02
"""Share of photos that may change their quality band: those that lay at its edge."""


def check_accuracy(report: PrecisionReport) -> None:
    """Compares what was measured with what may be lost.

    Raises:
        Conflict: PACK_UNAVAILABLE, more is lost; the message has the figures.
    """
    problems = []
    if report.tar_lost_points > MOST_TAR_LOST_POINTS:
        problems.append(
            f"true accept rate at FMR 1e-3 falls from {report.tar_f32:.4f} to {report.tar:.4f}, "
            f"{report.tar_lost_points:.2f} points; {MOST_TAR_LOST_POINTS} may be lost"
        )
    if report.bands_moved > MOST_BANDS_MOVED:
        problems.append(f"{report.bands_moved:.1%} of the photos change their band; {MOST_BANDS_MOVED:.0%} may")
    if report.n_failed > report.n_failed_f32:
        problems.append(f"{report.n_failed - report.n_failed_f32} photos lose their face")
    if problems:
        raise Conflict(
            ErrorReason.PACK_UNAVAILABLE,
            f"the {report.precision} models of {report.pack} are refused: {'; '.join(problems)}; calibrate with other "
            "pictures, or leave a model out with --model",
            metadata={"pack": report.pack, "precision": report.precision},
        )
