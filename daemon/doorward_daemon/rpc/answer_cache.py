"""Answers about pictures that were asked about a moment ago; doors and punches never come here."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from doorward_daemon.model.decision import Identification


@dataclass(frozen=True, slots=True)
class AskedPicture:
    """What makes two requests the same."""

    digest: bytes
    """SHA-256 of the encoded picture."""
    max_candidates: int
    """Candidates wanted."""

    @classmethod
    def of(cls, content: bytes, max_candidates: int) -> "AskedPicture":
        """The question of a request."""
        return cls(hashlib.sha256(content).digest(), max_candidates)


class AnswerCache:
    """Remembers identifications for a short while; belongs to one event loop.

    An answer is good for as long as the gallery has not changed: with the first question after a change all are
    forgotten, so that nobody who was erased is named again.

    Args:
        lifetime_s: how long an answer is remembered, seconds; 0 remembers nothing.
        max_entries: answers remembered; the oldest gives way.
        clock_s: monotonic seconds.
    """

    def __init__(self, lifetime_s: float, max_entries: int, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._lifetime_s = lifetime_s
        self._max_entries = max_entries
        self._clock_s = clock_s
        self._revision: int | None = None
        self._answers: OrderedDict[AskedPicture, tuple[float, Identification]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, asked: AskedPicture, revision: int) -> Identification | None:
        """The answer to the same question, where there is one that still holds.

        Args:
            asked: the question.
            revision: of the gallery, now.
        """
        self._forget(revision)
        known = self._answers.get(asked)
        return None if known is None else known[1]

    def put(self, asked: AskedPicture, revision: int, answer: Identification) -> None:
        """Remembers an answer.

        Args:
            asked: the question.
            revision: of the gallery before the question was judged; an answer that a change overtook is not kept.
            answer: to it.
        """
        if self._lifetime_s <= 0.0 or revision != self._revision:
            return
        self._answers.pop(asked, None)
        self._answers[asked] = (self._clock_s() + self._lifetime_s, answer)
        while len(self._answers) > self._max_entries:
            self._answers.popitem(last=False)

    def _forget(self, revision: int) -> None:
        if revision != self._revision:
            self._answers.clear()
            self._revision = revision
        now_s = self._clock_s()
        while self._answers and next(iter(self._answers.values()))[0] <= now_s:
            self._answers.popitem(last=False)
