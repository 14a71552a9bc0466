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
    """auto (an accelerator that is right and faster, else the CPU), cpu, gpu, npu, cuda; gpu:1 is the second one."""
    strict: bool = False
    """Refuse to start and to answer on any device but the named one; else the CPU stands in, and the status says so."""
    deadline_ms: Annotated[int, Interval(ge=50, le=60_000)] = 1000
    """Longest inference on an accelerator before the CPU takes over; ten times that on the CPU ends the process."""
    precision: Literal["f32", "bf16", "int8"] = "f32"
    """f32, or a speed mode: bf16, int8 (the rest in bf16 where there is bf16); templates of two modes never compare."""
    threads: Annotated[int, Interval(ge=0, le=256)] = 0
    """Threads of one inference; 0 = one per core."""
