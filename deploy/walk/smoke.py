"""`make smoke`: starts everything in a folder of its own, walks once, prints the decision as JSON, stops."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from pictures import write_pictures
from stage import BIN, Stage
from walk import show, summary, walk

READY_WITHIN_S = 60.0
"""A first start compiles the models; two slow cores need a few seconds."""


def main() -> int:
    """Runs the smoke test; 0 when every outcome is the one that must come out."""
    home = Path(tempfile.mkdtemp(prefix="doorward-smoke-"))
    try:
        return _smoke(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _smoke(home: Path) -> int:
    _copy_pack(home)
    with Stage(home, _free_port(), {"DOORWARD__RECOGNITION__LIVENESS": "off"}) as stage:
        stage.wait_until_ready(READY_WITHIN_S)
        steps = walk(f"unix:{home}/run/enroller.sock", write_pictures(home / "pictures"))
    show(steps)
    print(json.dumps(summary(steps), ensure_ascii=False))
    return 0 if all(step.as_expected for step in steps) else 1


def _copy_pack(home: Path) -> None:
    """Installs the pack that `make pack` found into the smoke folder, from its files and without network."""
    packs = Path(os.environ["DOORWARD_HOME"]) / "packs"
    command = [str(BIN / "doorwardd"), "models", "pull", "--auto", "--from", str(packs), "--offline"]
    done = subprocess.run(
        command, env={**os.environ, "DOORWARD_HOME": str(home)}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the pack cannot be copied from {packs}:\n{done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
