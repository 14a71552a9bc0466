"""The arithmetic of evaluation: pure functions of scores, no files, no models."""

from doorward_daemon.tools.statistics.calibration import fit_slope, parting_norm, round_up, widest_margin
from doorward_daemon.tools.statistics.cohort import Crowd, ImpostorCohort
from doorward_daemon.tools.statistics.edc import EdcPoint, error_versus_discard
from doorward_daemon.tools.statistics.error_rates import ErrorRates
from doorward_daemon.tools.statistics.interval import clopper_pearson_interval, wilson_interval
from doorward_daemon.tools.statistics.mean_faces import mean_faces, normal_crowding
from doorward_daemon.tools.statistics.open_set_rates import OpenSetRates, SearchResult, open_set_rates
from doorward_daemon.tools.statistics.pairs import PairScores, compare_all
from doorward_daemon.tools.statistics.presentation_rates import bpcer_at_apcer
from doorward_daemon.tools.statistics.separation import auroc, fpr_at_tpr
from doorward_daemon.tools.statistics.spread import Spread
from doorward_daemon.tools.statistics.tail import estimate_threshold

__all__ = [
    "Crowd",
    "EdcPoint",
    "ErrorRates",
    "ImpostorCohort",
    "OpenSetRates",
    "PairScores",
    "SearchResult",
    "Spread",
    "auroc",
    "bpcer_at_apcer",
    "clopper_pearson_interval",
    "compare_all",
    "error_versus_discard",
    "estimate_threshold",
    "fit_slope",
    "fpr_at_tpr",
    "mean_faces",
    "normal_crowding",
    "open_set_rates",
    "parting_norm",
    "round_up",
    "widest_margin",
    "wilson_interval",
]
