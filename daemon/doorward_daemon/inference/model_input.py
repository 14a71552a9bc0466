"""The one input of a network: its name and shape, checked alike for every library."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.inference.failure import inference_failure


@dataclass(frozen=True, slots=True)
class ModelInput:
    """What a compiled network takes."""

    file: Path
    """The network's file, for messages."""
    name: str
    """Name of the input in the graph."""
    shape: tuple[int | None, ...]
    """Sizes; None = any."""

    def check_graph(self, found: dict[str, tuple[int | None, ...]]) -> None:
        """Compares with what the file says.

        Args:
            found: shape of every input of the file by name; None = any size.

        Raises:
            Fault: INFERENCE_FAILED, another input, or a size fixed to something else.
        """
        shape = found.get(self.name)
        # A size the file fixes cannot be made free; a free one can always be asked for at one size.
        fits = (
            shape is not None
            and len(shape) == len(self.shape)
            and all(have is None or have == want for have, want in zip(shape, self.shape, strict=True))
        )
        if len(found) != 1 or not fits:
            raise inference_failure(self.file, f"expected one input {self.name} {self.shape}, found {found}")

    def check_tensor(self, nchw: NDArray[Any]) -> NDArray[np.float32]:
        """Makes sure that a tensor fits before a library sees it.

        Returns:
            The same numbers, contiguous.

        Raises:
            Fault: INFERENCE_FAILED, another type or shape.
        """
        fits = nchw.ndim == len(self.shape) and all(
            have > 0 and want in (None, have) for have, want in zip(nchw.shape, self.shape, strict=True)
        )
        if not fits or nchw.dtype != np.float32:
            raise inference_failure(
                self.file, f"expected input {self.name} {self.shape} float32, found {nchw.shape} {nchw.dtype}"
            )
        return np.ascontiguousarray(nchw)
