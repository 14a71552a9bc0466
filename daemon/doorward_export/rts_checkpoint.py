"""Reads a user's checkpoint of RTS: tensors and nothing else, with exactly the names and shapes expected."""

import pickle
from pathlib import Path
from typing import Any

import torch

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_export.rts_network import STAGES, RtsNetwork

_ALPHA = "logvar_rts_plus_backbone.0.weight"
_PREFIX = "module."
_LARGEST_BYTES = 1 << 30


def load_network(path: Path, *, uses_plus: bool, stages: tuple[tuple[int, int], ...] = STAGES) -> RtsNetwork:
    """Rebuilds the network of a checkpoint.

    Args:
        path: a file that `torch.load` reads; loaded with `weights_only`, so that no code in it can run.
        uses_plus: which head the score comes from.
        stages: depth and width.

    Returns:
        The network, ready to give answers.

    Raises:
        InvalidInput: FIELD_INVALID, the file is no checkpoint of RTS; the message names what differs.
    """
    tensors = _read(path)
    if _ALPHA not in tensors:
        raise _refused(path, f"has no {_ALPHA}")
    network = RtsNetwork(int(tensors[_ALPHA].shape[0]), uses_plus=uses_plus, stages=stages)
    expected = network.state_dict()
    problems = [f"lacks {name}" for name in expected if name not in tensors]
    problems += [f"has {name} besides" for name in tensors if name not in expected]
    problems += [
        f"{name} is {tuple(tensors[name].shape)}, expected {tuple(expected[name].shape)}"
        for name in expected
        if name in tensors and tensors[name].shape != expected[name].shape
    ]
    problems += [f"{name} is not finite" for name in expected if not problems and not _is_finite(tensors[name])]
    if problems:
        raise _refused(path, f"{len(problems)} of {len(expected)} tensors differ: {'; '.join(problems[:5])}")
    network.load_state_dict(tensors)
    network.eval()
    return network


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise _refused(path, f"has {path.stat().st_size} bytes, {_LARGEST_BYTES} at most are read")
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise _refused(path, f"cannot be read as tensors: {' '.join(str(error).split())[:200]}") from error
    tensors = found.get("state_dict", found) if isinstance(found, dict) else {}
    if not tensors or not all(isinstance(value, torch.Tensor) for value in tensors.values()):
        raise _refused(path, "holds something else than tensors by name")
    return {name.removeprefix(_PREFIX): value for name, value in tensors.items()}


def _is_finite(tensor: Any) -> bool:  # noqa: ANN401 - torch is not typed here
    return bool(torch.isfinite(tensor.float()).all())


def _refused(path: Path, problem: str) -> InvalidInput:
    return InvalidInput(
        ErrorReason.FIELD_INVALID,
        f"{path} is no checkpoint of RTS: it {problem}; expected the published pytorch_model.pt of "
        "cv_ir_face-recognition-ood_rts",
        metadata={"file": str(path)},
    )
