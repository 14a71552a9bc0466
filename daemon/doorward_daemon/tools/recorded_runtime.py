"""A runtime that remembers what its models were asked, so that the same questions can be asked again and timed."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.inference import CompiledModel, Runtime
from doorward_daemon.model.decision import DeviceTruth


@dataclass(frozen=True, slots=True, eq=False)
class RecordedCall:
    """One inference that was made."""

    name: str
    """Model, and which of its calls where it was asked several times, e.g. `mtcnn_pnet#2`."""
    model: CompiledModel
    """The model itself, nothing around it."""
    nchw: NDArray[np.float32]
    """What it was given."""

    def time_ms(self) -> float:
        """Asks again; milliseconds it took."""
        started_ns = time.perf_counter_ns()
        self.model.infer(self.nchw)
        return (time.perf_counter_ns() - started_ns) / 1e6


class RecordedRuntime:
    """Passes everything on to another runtime; between `start` and `stop` it keeps what the models are given.

    Args:
        runtime: does the work.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._calls: list[tuple[str, CompiledModel, NDArray[np.float32]]] | None = None
        self._taken = threading.local()

    @property
    def truth(self) -> DeviceTruth:
        """Where and how models run."""
        return self._runtime.truth

    def compile(self, path: Path, *, input_name: str, shape: tuple[int | None, ...]) -> CompiledModel:
        """Makes a network ready to run, and listens to it."""
        return _Listener(self, path.stem, self._runtime.compile(path, input_name=input_name, shape=shape))

    def close(self) -> None:
        """Gives back what the library holds."""
        self._runtime.close()

    def start(self) -> None:
        """From now on keeps what models are given."""
        self._calls = []

    def stop(self) -> tuple[RecordedCall, ...]:
        """Keeps nothing any more; what was kept, in order."""
        calls, self._calls = self._calls or [], None
        often = Counter(name for name, _, _ in calls)
        seen: Counter[str] = Counter()
        recorded = []
        for name, model, nchw in calls:
            seen[name] += 1
            recorded.append(RecordedCall(name if often[name] == 1 else f"{name}#{seen[name]}", model, nchw))
        return tuple(recorded)

    def heard(self, name: str, model: CompiledModel, nchw: NDArray[np.float32]) -> None:
        """Is told what a model is given."""
        if self._calls is not None:
            self._calls.append((name, model, nchw.copy()))

    def took(self, name: str, duration_ms: float) -> None:
        """Is told how long a model took."""
        times = self._times_of_thread()
        times[name] = times.get(name, 0.0) + duration_ms

    def take_times(self) -> dict[str, float]:
        """Milliseconds each model took on the calling thread since this was asked there last."""
        times = dict(self._times_of_thread())
        self._times_of_thread().clear()
        return times

    def _times_of_thread(self) -> dict[str, float]:
        if not hasattr(self._taken, "times"):
            self._taken.times = {}
        times: dict[str, float] = self._taken.times
        return times


@dataclass(frozen=True, slots=True, eq=False)
class _Listener:
    runtime: RecordedRuntime
    name: str
    model: CompiledModel

    def infer(self, nchw: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Runs the network once."""
        self.runtime.heard(self.name, self.model, nchw)
        started_ns = time.perf_counter_ns()
        answer = self.model.infer(nchw)
        self.runtime.took(self.name, (time.perf_counter_ns() - started_ns) / 1e6)
        return answer
