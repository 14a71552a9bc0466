"""Looks at many photos, one after the other, and keeps what was found and what was wrong."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from doorward_daemon.errors import InvalidInput
from doorward_daemon.tools.lab import Lab, LabFace
from doorward_daemon.tools.report import remark

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One photo and what was seen in it."""

    path: Path
    """The file."""
    face: LabFace | None
    """Its largest face; None where there is none, or where the photo cannot be read."""
    problem: str = ""
    """Why there is no face; empty where there is one."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What was seen in a number of photos."""

    sights: tuple[Sight, ...]
    """One per photo, in their order."""
    duration_s: float
    """How long it took, seconds."""

    @property
    def images_per_s(self) -> float:
        """Photos per second, decoding included."""
        return round(len(self.sights) / max(self.duration_s, 1e-9), 2)


def survey(lab: Lab, photos: Sequence[Path], label: str) -> Survey:
    """Looks at photos, with a progress bar on stderr; photos without a face are named there.

    Args:
        lab: the opened pack.
        photos: files, in the order wanted.
        label: what is done, for people.
    """
    started_ns = time.perf_counter_ns()
    sights = tuple(look(lab, photo) for photo in progress(photos, label))
    duration_s = (time.perf_counter_ns() - started_ns) / 1e9
    for sight in sights:
        if sight.face is None:
            remark(f"{sight.path}: {sight.problem}")
    return Survey(sights, duration_s)


def look(lab: Lab, photo: Path) -> Sight:
    """Looks at one photo; what is wrong with it comes back as a sentence."""
    try:
        face = lab.look(photo)
    except InvalidInput as error:
        return Sight(photo, None, f"{error.reason}: {error.message}")
    except OSError as error:
        return Sight(photo, None, f"cannot be read: {error.strerror}")
    return Sight(photo, face, "" if face else "no face found")


def progress(items: Sequence[Item], label: str) -> Iterator[Item]:
    """Goes through items with a progress bar on stderr, where that is a terminal; it is gone when they are done."""
    console = Console(stderr=True)
    yield from track(items, description=label, console=console, transient=True, disable=not console.is_terminal)
