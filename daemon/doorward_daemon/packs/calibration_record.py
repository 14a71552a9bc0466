"""Keeps quantised models out that nobody can say the cost of."""

from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.remedy import way_to

# Operators of ONNX whose presence means quantised activations, as they stand in the file. DequantizeLinear alone is
# left out: weights stored small and computed in f32.
_QUANTISED = (b"QuantizeLinear", b"QLinearConv", b"QLinearMatMul", b"ConvInteger", b"MatMulInteger")


def is_quantised(content: bytes) -> bool:
    """Whether an ONNX file computes in integers."""
    return any(name in content for name in _QUANTISED)


def check_unquantised(pack: str, path: Path) -> None:
    """Refuses a quantised model that stands where a pack promises f32: no record says what it was calibrated with.

    Raises:
        Conflict: PACK_DAMAGED.
    """
    if is_quantised(path.read_bytes()):
        raise Conflict(
            ErrorReason.PACK_DAMAGED,
            f"pack {pack}: {path} is quantised and has no calibration record, so nobody knows how often it is wrong; "
            f"{way_to(pack)}, then `python -m doorward_export quantize {pack}`",
            metadata={"pack": pack, "file": str(path)},
        )
