"""The open-set rule: pure arithmetic that turns ranked subjects into MATCHED, UNKNOWN or AMBIGUOUS."""

from doorward_daemon.identity.open_set import OpenSetDecision, OpenSetRule, OpenSetSettings
from doorward_daemon.identity.similarity import similarity
from doorward_daemon.identity.subject_score import SubjectScore
from doorward_daemon.identity.threshold_curve import OPERATING_FMR, ThresholdCurve, fmr_for_fpir

__all__ = [
    "OPERATING_FMR",
    "OpenSetDecision",
    "OpenSetRule",
    "OpenSetSettings",
    "SubjectScore",
    "ThresholdCurve",
    "fmr_for_fpir",
    "similarity",
]
