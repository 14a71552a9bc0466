"""The open-set rule: pure arithmetic that turns ranked subjects into MATCHED, UNKNOWN or AMBIGUOUS."""

from doorward_daemon.identity.cohort import Cohort, decode_cohort
from doorward_daemon.identity.gallery_size import GallerySize
from doorward_daemon.identity.open_set import OpenSetDecision, OpenSetRule, OpenSetSettings
from doorward_daemon.identity.similarity import similarity
from doorward_daemon.identity.subject_score import SubjectScore
from doorward_daemon.identity.threshold_curve import OPERATING_FMR, ThresholdCurve, fmr_for_fpir

__all__ = [
    "OPERATING_FMR",
    "Cohort",
    "GallerySize",
    "OpenSetDecision",
    "OpenSetRule",
    "OpenSetSettings",
    "SubjectScore",
    "ThresholdCurve",
    "decode_cohort",
    "fmr_for_fpir",
    "similarity",
]
