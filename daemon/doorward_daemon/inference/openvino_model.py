"""A network compiled by OpenVINO."""

from collections.abc import Callable
from contextlib import nullcontext
from queue import Empty, SimpleQueue

import numpy as np
import openvino
from numpy.typing import NDArray

from doorward_daemon.inference.crowd import Crowd
from doorward_daemon.inference.failure import inference_failure
from doorward_daemon.inference.model_input import ModelInput

_MOST_SHARED_NUMBERS = 3 * 800 * 608
"""Numbers of an input up to which a network shares the processor: each stream of a network keeps the memory of the
largest input it has met, 70 bytes a pixel for a detector."""


class LentRequests:
    """The inference requests of a compiled network, lent and given back. Thread-safe.

    A request is not thread-safe, and making one costs more than a small network.

    Args:
        compiled: the library's `CompiledModel`.
    """

    def __init__(self, compiled: openvino.CompiledModel) -> None:
        self._compiled = compiled
        self._idle: SimpleQueue[openvino.InferRequest] = SimpleQueue()

    def infer(self, tensor: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Runs the network once.

        Raises:
            RuntimeError: of the library. The request is not given back: nobody knows what state it is in.
        """
        request = self._borrow()
        found: tuple[NDArray[np.float32], ...] = request.infer(
            {0: tensor}, share_inputs=True, share_outputs=False
        ).to_tuple()
        self._idle.put(request)
        return found

    def _borrow(self) -> openvino.InferRequest:
        try:
            return self._idle.get_nowait()
        except Empty:
            return self._compiled.create_infer_request()


class OpenVinoModel:
    """A network compiled by OpenVINO; thread-safe.

    Compiled for one caller, it uses every core and is done soonest. Several callers would make it wait for itself at
    the end of each layer; for them it is compiled a second time, once they have come, with fewer threads each.

    Args:
        compiled: the library's `CompiledModel`, for one caller.
        outputs: names of its outputs, in its order.
        model_input: what it takes.
        crowd: counts the callers; None where every caller waits for the device anyway.
    """

    def __init__(
        self,
        compiled: openvino.CompiledModel,
        outputs: tuple[str, ...],
        model_input: ModelInput,
        crowd: Crowd | None = None,
    ) -> None:
        self._alone = LentRequests(compiled)
        self._shared: LentRequests | None = None
        self._outputs = outputs
        self._input = model_input
        self._crowd = crowd

    @property
    def is_prepared_for_several(self) -> bool:
        """Whether it is compiled for several callers, too."""
        return self._shared is not None

    def prepare_for_several(self, compile_shared: Callable[[ModelInput], openvino.CompiledModel]) -> None:
        """Compiles it for several callers.

        Args:
            compile_shared: does it.
        """
        self._shared = LentRequests(compile_shared(self._input))

    def infer(self, nchw: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Runs the network once; see CompiledModel."""
        tensor = self._input.check_tensor(nchw)
        with self._crowd.joined() if self._crowd else nullcontext(False) as is_shared:
            fits = is_shared and tensor.size <= _MOST_SHARED_NUMBERS
            requests = self._shared if fits and self._shared else self._alone
            try:
                found = requests.infer(tensor)
            except RuntimeError as error:
                raise inference_failure(self._input.file, error) from error
        return dict(zip(self._outputs, found, strict=True))
