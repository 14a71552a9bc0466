"""What an operator can say about where and how networks run."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceSettings:
    """Where and how the networks of a pack run."""

    runtime: Literal["openvino", "onnxruntime"] = "openvino"
    """Library that runs them; both give the same answers."""
    device: str = "auto"
    """auto, cpu, or gpu; a device that is not there is replaced by the CPU, and the status says so."""
    precision: Literal["f32"] = "f32"
    """Numeric precision; written into every template."""
    threads: Annotated[int, Interval(ge=0, le=256)] = 0
    """Threads of one inference; 0 = one per core."""
