"""The check that every array-carrying value makes of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def freeze(array: NDArray[Any], name: str, shape: tuple[int | None, ...], dtype: str) -> None:
    """Checks an array's shape and type and makes it read-only.

    Args:
        array: what to check; set read-only in place (views of it made earlier stay writable).
        name: name for the message.
        shape: sizes expected; None accepts any size at that place.
        dtype: name of the element type expected, e.g. `float32`.

    Raises:
        ValueError: shape or type differ; the message gives expected and actual.
    """
    fits = array.ndim == len(shape) and all(
        want is None or want == have for want, have in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype != dtype:
        sizes = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"{name}: expected ({sizes}) {dtype}, found {array.shape} {array.dtype}")
    array.flags.writeable = False
