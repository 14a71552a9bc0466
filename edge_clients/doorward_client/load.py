"""Asks a daemon as fast as it answers, for a while, from several threads: what a site can expect of a box."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from statistics import median

from doorward_api.v1.recognition_service_pb2 import IdentifyResponse
from doorward_client.errors import DoorwardError, Overloaded

_JPEG_START = b"\xff\xd8"
_COMMENT = b"\xff\xfe"
Ask = Callable[[bytes], IdentifyResponse]
"""Identifies one encoded picture."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What came of it."""

    seconds: float
    """How long it took, the last answers included."""
    latencies_ms: tuple[float, ...]
    """Of each answered call, sorted."""
    outcomes: Mapping[str, int]
    """How often each outcome came."""
    refused: int
    """Calls that were turned away as OVERLOADED; each waited as long as it was told before it asked again."""

    @property
    def calls_per_s(self) -> float:
        """Answered calls per second."""
        return len(self.latencies_ms) / self.seconds

    def document(self) -> dict[str, object]:
        """The report as JSON."""
        times = self.latencies_ms
        spread = {"min": times[0], "p50": median(times), "p99": times[int(0.99 * (len(times) - 1))]} if times else None
        return {
            "calls": len(times),
            "refused": self.refused,
            "seconds": round(self.seconds, 3),
            "calls_per_s": round(self.calls_per_s, 2),
            "latency_ms": None if spread is None else {name: round(value, 3) for name, value in spread.items()},
            "outcomes": dict(sorted(self.outcomes.items())),
        }


@dataclass(slots=True)
class _Tally:
    latencies_ms: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    refused: int = 0


def load(ask: Ask, name_of: Callable[[int], str], content: bytes, concurrency: int, seconds: float) -> LoadReport:
    """Identifies one picture again and again; every copy has other bytes, so that no cache answers for the models.

    Args:
        ask: identifies a picture.
        name_of: name of an outcome's number.
        content: the picture; a JPEG, as copies of other formats would have the same bytes.
        concurrency: threads, each with one call in hand.
        seconds: how long calls are begun.

    Raises:
        DoorwardError: a call failed for another reason than OVERLOADED.
    """
    # From a number drawn by chance: a run soon after this one must not meet what the daemon remembers of it.
    numbers, tallies = count(secrets.randbits(48)), [_Tally() for _ in range(concurrency)]
    gone = threading.Event()
    started_s = time.perf_counter()

    def worker(tally: _Tally) -> None:
        while time.perf_counter() - started_s < seconds and not gone.is_set():
            asked_s = time.perf_counter()
            try:
                response = ask(numbered(content, next(numbers)))
            except Overloaded as error:
                tally.refused += 1
                gone.wait(error.retry_after_s or 0.1)
                continue
            except DoorwardError:
                gone.set()
                raise
            tally.latencies_ms.append((time.perf_counter() - asked_s) * 1e3)
            tally.outcomes[name_of(response.identification.outcome)] += 1

    with ThreadPoolExecutor(concurrency, thread_name_prefix="doorward-load") as pool:
        for running in [pool.submit(worker, tally) for tally in tallies]:
            running.result()
    return LoadReport(
        seconds=time.perf_counter() - started_s,
        latencies_ms=tuple(sorted(value for tally in tallies for value in tally.latencies_ms)),
        outcomes=sum((tally.outcomes for tally in tallies), Counter()),
        refused=sum(tally.refused for tally in tallies),
    )


def numbered(content: bytes, number: int) -> bytes:
    """A copy of a JPEG with a number in a comment: the same pixels in other bytes.

    Source: ITU-T T.81, B.2.4.5, comment segments.

    Args:
        content: the picture; what is no JPEG comes back as it is.
        number: 0..2^64-1.
    """
    if not content.startswith(_JPEG_START):
        return content
    text = number.to_bytes(8, "big")
    return b"".join((_JPEG_START, _COMMENT, (2 + len(text)).to_bytes(2, "big"), text, content[len(_JPEG_START) :]))
