"""The limit that no pipeline of these networks can pass on this machine, by OpenVINO's own benchmark_app."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from doorward_daemon.packs.manifest import InstalledPack, ModelEntry

SECONDS = 3
_MEDIAN = re.compile(r"Median:\s+([0-9.]+) ms")


def model_limits(pack: InstalledPack, photo: Path) -> dict[str, Any]:
    """Median latency of every network of a pack, alone and synchronously.

    Args:
        pack: the pack.
        photo: its size is the detector's input, rounded up to 32 pixels.

    Returns:
        `median_ms` by network and `sum_ms`; empty where benchmark_app is not installed.
    """
    program = Path(sys.executable).parent / "benchmark_app"
    if not program.exists():
        return {}
    with Image.open(photo) as opened:
        size = tuple(-(-side // 32) * 32 for side in (opened.height, opened.width))
    medians = {model.name: _median(program, pack, model, size) for model in pack.manifest.models}
    return {"median_ms": medians, "sum_ms": sum(medians.values())}


def _median(program: Path, pack: InstalledPack, model: ModelEntry, size: tuple[int, ...]) -> float:
    height, width = model.input.height_px or size[0], model.input.width_px or size[1]
    command = [
        str(program), "-m", str(pack.path_of(model)), "-shape", f"{model.input.name}[1,3,{height},{width}]",
        "-hint", "latency", "-api", "sync", "-infer_precision", "f32", "-t", str(SECONDS),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    found = _MEDIAN.search(done.stdout)
    if found is None:
        raise RuntimeError(
            f"benchmark_app printed no median for {model.name}:\n{done.stdout[-800:]}{done.stderr[-800:]}"
        )
    return float(found.group(1))
