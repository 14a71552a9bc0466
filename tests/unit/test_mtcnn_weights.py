"""The reader of MTCNN's weight files: arrays come through, nothing else does."""

import os
import pickle
from pathlib import Path

import joblib
import lz4.frame
import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.build.mtcnn_weights import stored_arrays

ARRAYS = [np.arange(24, dtype=np.float32).reshape(2, 3, 4), np.array([1.5, -2.5], np.float32)]


def stored(value: object, folder: Path) -> bytes:
    path = folder / "weights.lz4"
    joblib.dump(value, path, compress=("lz4", 3))
    return path.read_bytes()


class Surprise:
    """Runs a command when unpickled, as a hostile file would."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def test_arrays_written_by_joblib_read_back_equal_and_in_order(tmp_path: Path):
    found = stored_arrays(stored(ARRAYS, tmp_path))
    assert [array.shape for array in found] == [(2, 3, 4), (2,)]
    assert all(np.array_equal(one, other) for one, other in zip(found, ARRAYS, strict=True))


def test_a_hostile_file_is_refused_and_its_command_not_run(tmp_path: Path):
    mark = tmp_path / "mark"
    content = lz4.frame.compress(pickle.dumps([Surprise(mark)]))
    with pytest.raises(Conflict, match="system"):
        stored_arrays(content)
    assert not mark.exists()
    pickle.loads(lz4.frame.decompress(content))
    assert mark.exists()


@pytest.mark.parametrize(
    "value",
    [
        {"conv": ARRAYS[0]},
        [],
        [1, 2],
        [ARRAYS[0].astype(np.float64)],
        [np.asfortranarray(ARRAYS[0])],
        [np.array([object()])],
    ],
    ids=["dictionary", "nothing", "integers", "float64", "fortran order", "objects"],
)
def test_what_is_no_list_of_float_arrays_is_damaged(value: object, tmp_path: Path):
    with pytest.raises(Conflict) as refused:
        stored_arrays(stored(value, tmp_path))
    assert refused.value.reason is ErrorReason.PACK_DAMAGED


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_file_cut_short_is_damaged(share: float, tmp_path: Path):
    content = stored([random_weights()], tmp_path)
    with pytest.raises(Conflict) as refused:
        stored_arrays(content[: int(share * len(content))])
    assert refused.value.reason is ErrorReason.PACK_DAMAGED


def test_a_file_that_unpacks_to_more_than_any_weights_is_damaged(tmp_path: Path):
    content = stored([np.zeros(4_000_000, np.float32)], tmp_path)
    assert len(content) < 200_000
    with pytest.raises(Conflict):
        stored_arrays(content)


def random_weights() -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(size=5000).astype(np.float32)
