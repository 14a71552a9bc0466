"""The arithmetic of evaluation: pure functions of scores, no files, no models."""

from doorward_daemon.tools.statistics.edc import EdcPoint, error_versus_discard
from doorward_daemon.tools.statistics.error_rates import ErrorRates
from doorward_daemon.tools.statistics.interval import wilson_interval
from doorward_daemon.tools.statistics.open_set_rates import OpenSetRates, SearchResult, open_set_rates
from doorward_daemon.tools.statistics.pairs import PairScores, compare_all
from doorward_daemon.tools.statistics.separation import auroc, fpr_at_tpr
from doorward_daemon.tools.statistics.spread import Spread

__all__ = [
    "EdcPoint",
    "ErrorRates",
    "OpenSetRates",
    "PairScores",
    "SearchResult",
    "Spread",
    "auroc",
    "compare_all",
    "error_versus_discard",
    "fpr_at_tpr",
    "open_set_rates",
    "wilson_interval",
]
