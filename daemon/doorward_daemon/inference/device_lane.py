"""One accelerator: opened, given the networks, trusted or left alone."""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import DoorwardError, ErrorReason, Fault
from doorward_daemon.inference.breaker import Breaker
from doorward_daemon.inference.deadline_calls import DeadlineCalls
from doorward_daemon.inference.model_input import ModelInput
from doorward_daemon.inference.runtime import CompiledModel, Runtime

PREPARING = "is being prepared, the CPU answers until it is ready"
# A graphics processor without a cache compiles for minutes (openvino#7510); a driver that takes longer hangs.
_PREPARE_S = 600.0

_LOG = logging.getLogger(__name__)

Outputs = dict[str, NDArray[np.float32]]


class DeviceLane:
    """An accelerator and what is known of it. Calls into its driver happen on threads of its own, with a deadline.

    Args:
        name: of the device, e.g. gpu or cuda:0.
        open_device: opens it.
        deadline_s: longest inference, seconds.
        clock: monotonic seconds.
    """

    def __init__(
        self, name: str, open_device: Callable[[], Runtime], deadline_s: float, clock: Callable[[], float]
    ) -> None:
        self.name = name
        self.problem = PREPARING
        self.is_rejected = False
        self._open_device = open_device
        self._deadline_s = deadline_s
        self._breaker = Breaker(clock)
        self._calls = DeadlineCalls(name)
        self._models: dict[ModelInput, CompiledModel] = {}
        self.runtime: Runtime | None = None

    @property
    def may_be_tried(self) -> bool:
        """Whether it is worth a try now: never failed, or rested long enough; nothing hangs in its driver."""
        rested = not self._breaker.is_open or self._breaker.is_due
        return rested and not self.is_rejected and not self._calls.is_stuck

    @property
    def is_resting(self) -> bool:
        """Whether its breaker is open."""
        return self._breaker.is_open

    def has(self, model: ModelInput) -> bool:
        """Whether it has been given a network."""
        return model in self._models

    def prepare(self, models: Iterable[ModelInput]) -> None:
        """Opens the device and compiles what it has not got yet.

        Raises:
            TimeoutError: its driver hangs.
            DoorwardError, RuntimeError: it refuses.
        """
        if self.runtime is None:
            self.runtime = self._calls.run(self._open_device, _PREPARE_S)
        for model in models:
            if model not in self._models:
                compiling = partial(self.runtime.compile, model.file, input_name=model.name, shape=model.shape)
                self._models[model] = self._calls.run(compiling, _PREPARE_S)

    def infer(self, model: ModelInput, nchw: NDArray[np.float32]) -> Outputs:
        """Runs a network.

        Raises:
            TimeoutError: no answer within the deadline.
            DoorwardError: the library refused or failed.
        """
        answer = self._calls.run(partial(self._models[model].infer, nchw), self._deadline_s)
        self._breaker.succeed()
        return answer

    def fail(self, error: DoorwardError) -> bool:
        """Notes a failure.

        Returns:
            Whether it was one too many and the device is left alone from now on.
        """
        self._breaker.fail()
        self.problem = f"failed, tried again after a minute: {error.message}"
        _LOG.warning("inference failed on an accelerator", extra={"device": self.name, "problem": error.message})
        return self._breaker.is_open

    def rest(self, problem: str) -> None:
        """Leaves it alone for a minute."""
        self.problem = problem
        self._breaker.open()

    def reject(self, problem: str) -> None:
        """Leaves it alone for the life of the process."""
        self.problem = problem
        self.is_rejected = True

    def trust(self) -> None:
        """It is right and may be used."""
        self.problem = ""
        self._breaker.close()

    def close(self) -> None:
        """Gives back what it holds, unless its driver hangs."""
        if self.runtime is not None and not self._calls.is_stuck:
            self.runtime.close()
        self._calls.close()


def device_failure(name: str, file: Path, problem: str) -> Fault:
    """The failure of a device that nothing stands in for: INFERENCE_FAILED."""
    return Fault(
        ErrorReason.INFERENCE_FAILED,
        f"{file.name} on {name}: {problem}; `doorward status` tells how the device is",
        metadata={"file": file.name, "device": name},
    )
