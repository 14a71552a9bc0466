"""Ways of taking half of some people: the two of the protocol, or all of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from doorward_daemon.tools.photo_folder import PhotoGroup

MOST_SPLITS = 252
"""Splits looked at; all of ten people. Of more people as many are drawn."""


@dataclass(frozen=True, slots=True)
class HalfSplit:
    """Who is enrolled and who is a stranger."""

    name: str
    """even or odd; the places of the enrolled in the order of the names, with --splits all."""
    enrolled: tuple[PhotoGroup, ...]
    """People with references."""
    strangers: tuple[PhotoGroup, ...]
    """The others."""


def two_splits(persons: Sequence[PhotoGroup]) -> tuple[HalfSplit, ...]:
    """Even persons enrolled and odd ones strangers, then the other way round.

    Args:
        persons: sorted by name.
    """
    even, odd = tuple(persons[::2]), tuple(persons[1::2])
    return (HalfSplit("even", even, odd), HalfSplit("odd", odd, even))


def all_splits(persons: Sequence[PhotoGroup], seed: int, most: int = MOST_SPLITS) -> tuple[HalfSplit, ...]:
    """Every half of the people enrolled, the others strangers; a seeded sample where there are too many.

    Args:
        persons: sorted by name.
        seed: of the sample.
        most: splits wanted at most.
    """
    half, people = len(persons) // 2, range(len(persons))
    if math.comb(len(persons), half) <= most:
        return tuple(_split(persons, chosen) for chosen in combinations(people, half))
    rng = np.random.default_rng(seed)
    drawn = {tuple(sorted(rng.permutation(len(persons))[:half].tolist())) for _ in range(most)}
    return tuple(_split(persons, chosen) for chosen in sorted(drawn))


def _split(persons: Sequence[PhotoGroup], chosen: Sequence[int]) -> HalfSplit:
    inside = frozenset(chosen)
    return HalfSplit(
        ",".join(str(place) for place in chosen),
        tuple(person for place, person in enumerate(persons) if place in inside),
        tuple(person for place, person in enumerate(persons) if place not in inside),
    )
