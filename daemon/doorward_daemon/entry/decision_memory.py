"""Remembers the faces of the last decisions for some minutes, in memory only, so that one can be told to be wrong."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from doorward_daemon.entry.settings import DecisionMemorySettings
from doorward_daemon.model.decided_face import DecidedFace, DecisionKey
from doorward_daemon.model.decision import Identification
from doorward_sync.event import Event


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    face: DecidedFace
    until_ns: int


class DecisionMemory:
    """Faces of the newest decisions that named, or nearly named, somebody. Thread-safe.

    A face that resembled nobody enough is never kept, and nothing is written anywhere: a restart forgets everything.

    Args:
        settings: how long and how many.
        is_enrolled: whether a subject is in the gallery now.
        clock_ns: monotonic nanoseconds.
    """

    def __init__(
        self,
        settings: DecisionMemorySettings,
        is_enrolled: Callable[[str], bool],
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._keep_ns = round(settings.keep_min * 60e9)
        self._most = settings.max_decisions if self._keep_ns else 0
        self._is_enrolled = is_enrolled
        self._clock_ns = clock_ns
        self._lock = threading.Lock()
        self._kept: OrderedDict[DecisionKey, _Kept] = OrderedDict()

    @property
    def count(self) -> int:
        """Faces remembered now."""
        self.forget_old()
        return len(self._kept)

    def keep(self, event: Event, found: Identification) -> None:
        """Remembers the face of a decision; the oldest one goes where there are too many.

        Args:
            event: the recorded decision.
            found: what was decided.
        """
        face = _face_of(found)
        if face is None or self._most <= 0:
            return
        key, now_ns = DecisionKey(event.key.seq, event.key.epoch), self._clock_ns()
        with self._lock:
            self._drop_old(now_ns)
            self._kept[key] = _Kept(face, now_ns + self._keep_ns)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        # Asked afterwards: an erasure that ended before the face was kept has passed by here already.
        for subject_id in face.resembled:
            if not self._is_enrolled(subject_id):
                self.forget(subject_id)

    def recall(self, key: DecisionKey) -> DecidedFace | None:
        """The face of a decision; None where it is not remembered, or not any more."""
        with self._lock:
            self._drop_old(self._clock_ns())
            kept = self._kept.get(key)
            return None if kept is None else kept.face

    def forget(self, subject_id: str) -> None:
        """Forgets every face that resembled a subject; to be called when the subject is erased."""
        with self._lock:
            for key in [key for key, kept in self._kept.items() if subject_id in kept.face.resembled]:
                del self._kept[key]

    def forget_old(self) -> None:
        """Forgets what has been remembered for long enough; to be called now and then."""
        with self._lock:
            self._drop_old(self._clock_ns())

    def _drop_old(self, now_ns: int) -> None:
        for key in [key for key, kept in self._kept.items() if now_ns >= kept.until_ns]:
            del self._kept[key]


def _face_of(found: Identification) -> DecidedFace | None:
    why, named = found.explanation, "" if found.match is None else found.match.subject_id
    best = max((one.comparison_score for one in found.candidates), default=-1.0)
    if found.template is None or found.judged is None or not (named or best >= why.threshold):
        return None
    # Who is within the margin of the one that reached the threshold is what made it ambiguous.
    nearly = why.threshold - why.margin_needed
    resembled = {one.subject_id for one in found.candidates if one.comparison_score >= nearly} | ({named} - {""})
    return DecidedFace(judged=found.judged, template=found.template, subject_id=named, resembled=frozenset(resembled))
