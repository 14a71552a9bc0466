"""How far a rate that was counted may be from the true one."""

import math
from collections.abc import Callable

NORMAL_95 = 1.959963984540054
"""97.5 % point of the normal distribution: two-sided 95 %."""
_TAIL = 0.025
_EXACT = 1e-9


def wilson_interval(errors: int, trials: int) -> tuple[float, float]:
    """Two-sided 95 % interval of a rate.

    Wilson's score interval, chosen over Clopper-Pearson because it needs no special function and covers closer to
    95 % (Clopper-Pearson is wider); with no error in n trials its upper end is 3.84 / (n + 3.84), the "rule of 3" of
    ISO/IEC 19795-1. It takes trials as independent: pairs that share a photo are not, and deserve a wider interval.

    Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209; Brown, Cai, DasGupta, Statistical Science 16 (2001) 101.

    Args:
        errors: how often it happened, 0..trials.
        trials: how often it could have; at least one.

    Returns:
        Lower and upper end, 0..1.
    """
    share, weight = errors / trials, NORMAL_95**2 / trials
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(weight * share * (1 - share) + weight**2 / 4) / (1 + weight)
    # With no error, and with nothing but errors, the end is exact; rounding would put it beside.
    low = 0.0 if errors == 0 else max(0.0, middle - half)
    high = 1.0 if errors == trials else min(1.0, middle + half)
    return low, high


def clopper_pearson_interval(errors: int, trials: int) -> tuple[float, float]:
    """Two-sided exact 95 % interval of a rate.

    Wider than Wilson's, and never less than 95 % sure: what one says about attacks must not be too hopeful. With no
    error in n trials its upper end is 1 - 0.025 ** (1 / n), about 3.7 / n.

    Source: Clopper, Pearson, Biometrika 26 (1934) 404.

    Args:
        errors: how often it happened, 0..trials.
        trials: how often it could have; at least one.

    Returns:
        Lower and upper end, 0..1.
    """
    low = 0.0 if errors == 0 else _rate_where(lambda rate: 1.0 - _at_most(errors - 1, trials, rate) >= _TAIL)
    high = 1.0 if errors == trials else _rate_where(lambda rate: _at_most(errors, trials, rate) < _TAIL)
    return low, high


def _rate_where(is_reached: Callable[[float], bool]) -> float:
    """The rate from which on something holds, by bisection."""
    low, high = 0.0, 1.0
    while high - low > _EXACT:
        middle = (low + high) / 2
        low, high = (low, middle) if is_reached(middle) else (middle, high)
    return high


def _at_most(errors: int, trials: int, rate: float) -> float:
    """Chance of at most so many errors where each trial has a rate, 0 < rate < 1."""
    whole = math.lgamma(trials + 1)
    return math.fsum(
        math.exp(
            whole
            - math.lgamma(count + 1)
            - math.lgamma(trials - count + 1)
            + count * math.log(rate)
            + (trials - count) * math.log1p(-rate)
        )
        for count in range(errors + 1)
    )
