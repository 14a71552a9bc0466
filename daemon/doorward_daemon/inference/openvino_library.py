"""Loads OpenVINO without its model converter."""

import importlib
import sys

_CONVERTER = "openvino.tools.ovc"


def load_openvino() -> None:
    """Imports `openvino`, leaving out what a box has no use for.

    The package imports its converter where it can, and with it an HTTP client and a telemetry library that reports the
    converter's use to its maker: half of the import's time, 15 MB, and code that has no place on an access terminal.
    It takes an ImportError of the converter for an installation without it, and that is what it gets here.
    """
    if "openvino" in sys.modules or _CONVERTER in sys.modules:
        return
    # None makes the import of this one module fail; see `sys.modules` in the language reference.
    sys.modules[_CONVERTER] = None  # type: ignore[assignment]
    try:
        importlib.import_module("openvino")
    finally:
        del sys.modules[_CONVERTER]
