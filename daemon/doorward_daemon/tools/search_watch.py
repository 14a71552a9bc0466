"""Searches of a gallery on a thread of their own, while something else is done to it: how long each had to wait."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from doorward_daemon.gallery import Gallery
from doorward_daemon.tools.ledger_start import resident_mb
from doorward_daemon.tools.random_gallery import random_vectors

_EVERY_S = 0.02
"""Between two searches: a gate with several cameras asks no more often."""
_TOP = 3


@dataclass(slots=True)
class SearchWatch:
    """What was seen."""

    search_ms: list[float] = field(default_factory=list)
    """Milliseconds of each search."""
    most_mb: float = 0.0
    """Highest resident memory of this process, 10^6 bytes."""

    @contextlib.contextmanager
    def over(self, gallery: Gallery, dimension: int) -> Iterator[None]:
        """Searches while the body runs, at least once.

        Args:
            gallery: what is searched, always its current snapshot.
            dimension: numbers of its templates.
        """
        probe = random_vectors(1, dimension, seed=1)[0]
        done = threading.Event()

        def search() -> None:
            while True:
                began_ns = time.perf_counter_ns()
                gallery.index().search(probe, _TOP)
                self.search_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
                self.most_mb = max(self.most_mb, resident_mb(os.getpid()))
                if done.wait(_EVERY_S):
                    return

        searching = threading.Thread(target=search)
        searching.start()
        try:
            yield
        finally:
            done.set()
            searching.join()
