"""A network compiled by OpenVINO."""

from queue import Empty, SimpleQueue

import numpy as np
import openvino
from numpy.typing import NDArray

from doorward_daemon.inference.failure import inference_failure
from doorward_daemon.inference.model_input import ModelInput


class OpenVinoModel:
    """A network compiled by OpenVINO; thread-safe.

    Args:
        compiled: the library's `CompiledModel`.
        outputs: names of its outputs, in its order.
        model_input: what it takes.
    """

    def __init__(self, compiled: openvino.CompiledModel, outputs: tuple[str, ...], model_input: ModelInput) -> None:
        self._compiled = compiled
        self._outputs = outputs
        self._input = model_input
        # A request is not thread-safe, and making one costs more than a small network: they are lent and given back.
        self._idle: SimpleQueue[openvino.InferRequest] = SimpleQueue()

    def infer(self, nchw: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Runs the network once; see CompiledModel."""
        tensor = self._input.check_tensor(nchw)
        try:
            request = self._borrow()
            found = request.infer({0: tensor}, share_inputs=True, share_outputs=False).to_tuple()
        except RuntimeError as error:
            # The request is not given back: nobody knows what state it is in.
            raise inference_failure(self._input.file, error) from error
        self._idle.put(request)
        return dict(zip(self._outputs, found, strict=True))

    def _borrow(self) -> openvino.InferRequest:
        try:
            return self._idle.get_nowait()
        except Empty:
            return self._compiled.create_infer_request()
