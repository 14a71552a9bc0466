"""The runtime in use: the CPU at once, an accelerator once it has proved itself, the CPU again when that fails."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, DoorwardError, ErrorReason
from doorward_daemon.inference.cpu_watch import CpuWatch
from doorward_daemon.inference.device_lane import DeviceLane, Outputs, device_failure
from doorward_daemon.inference.device_library import DeviceLibrary
from doorward_daemon.inference.device_marks import DeviceMarks, MarkState
from doorward_daemon.inference.device_proof import WRONG, found_against
from doorward_daemon.inference.device_request import CPU, read_device
from doorward_daemon.inference.model_input import ModelInput
from doorward_daemon.inference.runtime import CompiledModel
from doorward_daemon.inference.settings import InferenceSettings
from doorward_daemon.model.decision import DeviceMemory, DeviceTruth

_TEND_EVERY_S = 1.0
_CPU_DEADLINES = 10.0
PROVED_FOR_S = 600.0
"""How often the accelerator in use has to pass the check again, seconds."""

_LOG = logging.getLogger(__name__)


class DeviceRuntime:
    """Networks on the best device that works. Thread-safe.

    Args:
        library: finds and opens devices.
        settings: which device, how strictly, how patiently.
        marks: what earlier starts found out.
        clock: monotonic seconds.

    Raises:
        Conflict: CONFIG_INVALID, a device nobody knows; DEVICE_UNAVAILABLE, a strict wish for one that is not here.
    """

    def __init__(
        self,
        library: DeviceLibrary,
        settings: InferenceSettings,
        marks: DeviceMarks,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        request = read_device(settings)
        found = library.accelerators(request)
        self._settings = settings
        self._is_auto = request.is_auto
        self._library = library
        self._marks = marks
        self._missing = found.missing
        # A strict wish for the CPU is fulfilled by the CPU.
        self._is_strict = settings.strict and request.kind != CPU
        if self._is_strict and found.missing:
            raise self._unavailable(found.missing)
        self._cpu = library.open(CPU)
        self._clock = clock
        self._proved_s = clock()
        deadline_s = settings.deadline_ms / 1000.0
        self._lanes = tuple(DeviceLane(name, partial(library.open, name), deadline_s, clock) for name in found.devices)
        self.cpu_watch = CpuWatch(deadline_s * _CPU_DEADLINES, clock)
        self._current: DeviceLane | None = None
        self._models: dict[ModelInput, CompiledModel] = {}
        self._check: Callable[[], str] = lambda: ""
        self._trial = threading.local()
        self._tending = threading.Lock()
        self._changing = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def truth(self) -> DeviceTruth:
        """Where and how models run now, and why not where they were asked to."""
        lane = self._current
        runtime = self._cpu if lane is None or lane.runtime is None else lane.runtime
        problems = [self._missing] if self._missing else []
        problems += [f"{better.name}: {better.problem}" for better in self._better_than(lane) if better.problem]
        truth = runtime.truth
        return replace(truth, fallback_reason="; ".join([*problems, truth.fallback_reason]).strip("; "))

    @property
    def memory(self) -> DeviceMemory | None:
        """Memory of the accelerator in use; None on the CPU and where it is not told."""
        lane = self._current
        return None if lane is None else self._library.memory(lane.name)

    @property
    def is_failing(self) -> bool:
        """Whether an accelerator that was used, or asked for by name, does not do its work."""
        return bool(self.truth.fallback_reason) and not (self._is_auto and self._current is None and not self._has_rest)

    @property
    def _has_rest(self) -> bool:
        return any(lane.is_resting for lane in self._lanes)

    def compile(self, path: Path, *, input_name: str, shape: tuple[int | None, ...]) -> CompiledModel:
        """Makes a network ready to run on the CPU; accelerators get it when they are tended to. See Runtime."""
        model = ModelInput(path, input_name, shape)
        self._models[model] = self._cpu.compile(path, input_name=input_name, shape=shape)
        return _Routed(self, model, self._models[model])

    def admit_with(self, check: Callable[[], str]) -> None:
        """Names what an accelerator has to pass before it is used, besides agreeing with the CPU on every network.

        Args:
            check: sends a known picture through the pipeline, on the calling thread; gives what is wrong, empty where
                nothing is.
        """
        self._check = check

    def settle(self) -> None:
        """Tries the accelerators now, on this thread.

        Raises:
            Conflict: DEVICE_UNAVAILABLE, a strict wish cannot be fulfilled.
        """
        self.tend()
        if self._is_strict and self._current is None:
            raise self._unavailable(self.truth.fallback_reason)

    def start(self) -> None:
        """Tends to the accelerators on a thread from now on; does nothing where there are none."""
        if self._lanes and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="devices", daemon=True)
            self._thread.start()

    def tend(self) -> None:
        """Moves to the best accelerator that may be tried and proves itself; what a thread does once a second."""
        with self._tending:
            for lane in self._lanes:
                if lane is self._current:
                    self._keep_up(lane)
                    return
                if lane.may_be_tried and self._prove(lane):
                    return

    def distrust(self, problem: str) -> bool:
        """Stops using the accelerator in use for the life of the process: it answers, and what it answers is wrong.

        Returns:
            Whether there was one.
        """
        lane = self._current
        if lane is not None:
            self._leave(lane, f"{WRONG}: {problem}", for_good=True, is_lost=True)
        return lane is not None

    def close(self) -> None:
        """Gives back what libraries hold; networks compiled here must not be used afterwards."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_TEND_EVERY_S)
        lane = self._current
        if lane is not None:
            self._marks.set(lane.name, MarkState.IDLE)
        for one in self._lanes:
            one.close()
        self._cpu.close()

    def run(self, model: ModelInput, on_cpu: CompiledModel, nchw: NDArray[np.float32]) -> Outputs:
        """Runs a network where it runs best now; for the networks that were compiled here."""
        trial: DeviceLane | None = getattr(self._trial, "lane", None)
        lane = trial or self._current
        if lane is not None and lane.has(model):
            try:
                return lane.infer(model, model.check_tensor(nchw))
            except (TimeoutError, DoorwardError) as error:
                if lane is trial:
                    raise device_failure(lane.name, model.file, str(error)) from error
                self._note_failure(lane, error)
                if self._is_strict:
                    raise device_failure(lane.name, model.file, str(error)) from error
        elif self._is_strict:
            raise device_failure(self._settings.device, model.file, self.truth.fallback_reason)
        with self.cpu_watch.watching():
            return on_cpu.infer(nchw)

    def _note_failure(self, lane: DeviceLane, error: Exception) -> None:
        if isinstance(error, DoorwardError):
            if lane.fail(error):
                self._leave(lane, lane.problem)
            return
        # A thread hangs in the driver. Asking again would cost one more thread, and the deadline once more.
        self._leave(lane, f"hangs: {error}", is_lost=True)

    def _leave(self, lane: DeviceLane, problem: str, *, for_good: bool = False, is_lost: bool = False) -> None:
        with self._changing:
            if for_good:
                lane.reject(problem)
            else:
                lane.rest(problem)
            if self._current is lane:
                self._current = None
        _LOG.error("accelerator left", extra={"device": lane.name, "problem": problem})
        if is_lost:
            self._marks.lose(lane.name, problem)
        else:
            self._marks.set(lane.name, MarkState.IDLE)

    def _keep_up(self, lane: DeviceLane) -> None:
        try:
            lane.prepare(tuple(self._models))
        except TimeoutError as error:
            self._leave(lane, f"hangs: {error}", is_lost=True)
        except (DoorwardError, RuntimeError) as error:
            self._leave(lane, f"takes not every network: {error}", for_good=True)
        else:
            self._check_again(lane)

    def _check_again(self, lane: DeviceLane) -> None:
        if self._clock() - self._proved_s < PROVED_FOR_S:
            return
        self._proved_s = self._clock()
        if problem := self._checked(lane):
            self._leave(lane, problem, for_good=True, is_lost=True)

    def _prove(self, lane: DeviceLane) -> bool:
        refusal = self._marks.refusal(lane.name)
        if refusal:
            lane.rest(refusal)
            return False
        self._marks.set(lane.name, MarkState.TRYING)
        try:
            lane.prepare(tuple(self._models))
            problem = found_against(lane, self._cpu.truth, self._models, self._is_auto) or self._checked(lane)
        except TimeoutError as error:
            self._leave(lane, f"hangs: {error}", is_lost=True)
            return False
        except (DoorwardError, RuntimeError) as error:
            self._leave(lane, f"cannot be used: {' '.join(str(error).split())}")
            return False
        if problem:
            self._leave(lane, problem, for_good=True, is_lost=problem.startswith(WRONG))
            return False
        self._marks.set(lane.name, MarkState.USING)
        with self._changing:
            lane.trust()
            self._current = lane
            self._proved_s = self._clock()
        _LOG.info("accelerator in use", extra={"device": lane.name})
        return True

    def _checked(self, lane: DeviceLane) -> str:
        with self._on_trial(lane):
            problem = self._check()
        return f"{WRONG}: {problem}" if problem else ""

    @contextmanager
    def _on_trial(self, lane: DeviceLane) -> Iterator[None]:
        # For this thread alone: everybody else is answered by what has proved itself.
        self._trial.lane = lane
        try:
            yield
        finally:
            self._trial.lane = None

    def _better_than(self, lane: DeviceLane | None) -> tuple[DeviceLane, ...]:
        return self._lanes if lane is None else self._lanes[: self._lanes.index(lane)]

    def _unavailable(self, problem: str) -> Conflict:
        device = self._settings.device
        return Conflict(
            ErrorReason.DEVICE_UNAVAILABLE,
            f"inference.device: {device} cannot be used, and inference.strict allows no other: {problem}; mend the "
            "device, name another, or set inference.strict to false",
            metadata={"device": device},
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.tend()
            self._stopping.wait(_TEND_EVERY_S)


class _Routed:
    def __init__(self, route: DeviceRuntime, model: ModelInput, on_cpu: CompiledModel) -> None:
        self._route = route
        self._model = model
        self._on_cpu = on_cpu

    def infer(self, nchw: NDArray[np.float32]) -> Outputs:
        """Runs the network once; see CompiledModel."""
        return self._route.run(self._model, self._on_cpu, nchw)
