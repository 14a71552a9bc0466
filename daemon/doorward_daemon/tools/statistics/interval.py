"""How far a rate that was counted may be from the true one."""

import math

NORMAL_95 = 1.959963984540054
"""97.5 % point of the normal distribution: two-sided 95 %."""


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
