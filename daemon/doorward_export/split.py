"""Divides the photographs so that look-alikes and copies of one photo stay together."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LOOK_ALIKE = 0.6
"""Cosine in the space of the compact pack from which two photos count as one person's, or as one photo."""
_TOO_LARGE = 60
"""Photos from which a group is no person but a chain of resemblances; it is trained on whole, so none leaks."""
_SHARES = (("choose", 0.2), ("held_out", 0.2), ("train", 0.6))


def split(names: Sequence[str], vectors: NDArray[np.float32]) -> dict[str, str]:
    """Gives every photo its part: groups of look-alikes, by the hash of the first name of each group.

    Args:
        names: of the photos, sorted.
        vectors: (N, E) their embeddings, length 1.
    """
    group = _groups(vectors)
    first = {number: names[index] for index, number in reversed(list(enumerate(group)))}
    large = {number for number, size in Counter(group).items() if size > _TOO_LARGE}
    part = {number: "train" if number in large else _part_of(name) for number, name in first.items()}
    return {name: part[number] for name, number in zip(names, group, strict=True)}


def _groups(vectors: NDArray[np.float32]) -> list[int]:
    """Number of the group of each photo: connected by pairs that look alike."""
    parent = list(range(len(vectors)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for one, other in np.argwhere(np.triu(vectors @ vectors.T, 1) >= LOOK_ALIKE):
        first, second = sorted((root(int(one)), root(int(other))))
        parent[second] = first
    return [root(index) for index in range(len(vectors))]


def _part_of(name: str) -> str:
    place = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
    for part, share in _SHARES:
        if place < share:
            return part
        place -= share
    return "train"
