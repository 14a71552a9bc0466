"""What the rest of the daemon knows of an inference library."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.decision import DeviceTruth


class CompiledModel(Protocol):
    """A network ready to run; thread-safe."""

    def infer(self, nchw: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Runs the network once.

        Args:
            nchw: (N, C, H, W) float32 within the shape it was compiled for.

        Returns:
            Every output by its name, float32, in arrays that belong to the caller.

        Raises:
            Fault: INFERENCE_FAILED, the library refused or failed; the message names the file.
        """


class Runtime(Protocol):
    """An inference library on one device; thread-safe."""

    @property
    def truth(self) -> DeviceTruth:
        """Where and how models run here: requested and, read back from the library, actual."""

    def compile(self, path: Path, *, input_name: str, shape: tuple[int | None, ...]) -> CompiledModel:
        """Makes a network ready to run.

        Args:
            path: an ONNX file.
            input_name: name of its one input.
            shape: (N, C, H, W) of that input; None = any size.

        Raises:
            Fault: INFERENCE_FAILED, the file is not a network this library can run; the message names it.
        """

    def close(self) -> None:
        """Gives back what the library holds; models compiled here must not be used afterwards."""
