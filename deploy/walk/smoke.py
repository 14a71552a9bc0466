"""`make smoke`: starts everything in a folder of its own, walks once, prints the decision as JSON, stops."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from gate import wait_for_passage
from pictures import write_pictures
from stage import BIN, Ports, Stage
from walk import SUBJECT_ID, show, walk

READY_WITHIN_S = 60.0
"""A first start compiles the models; two slow cores need a few seconds."""
PASSAGE_WITHIN_S = 60.0
"""The astronaut of the demonstration camera turns up every fourteen seconds."""


def main() -> int:
    """Runs the smoke test; 0 when every outcome is the one that must come out and the record is at the centre."""
    home = Path(tempfile.mkdtemp(prefix="doorward-smoke-"))
    try:
        return _smoke(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _smoke(home: Path) -> int:
    _copy_pack(home)
    with Stage(home, free_ports()) as stage:
        stage.wait_until_ready(READY_WITHIN_S)
        steps = walk(f"unix:{home}/run/enroller.sock", write_pictures(home / "pictures"))
        show(steps)
        passage = wait_for_passage(stage, SUBJECT_ID, PASSAGE_WITHIN_S)
    print(json.dumps(passage.document(), ensure_ascii=False))
    return 0 if passage.acknowledged and all(step.as_expected for step in steps) else 1


def _copy_pack(home: Path) -> None:
    """Installs the pack that `make pack` found into the smoke folder, from its files and without network."""
    packs = Path(os.environ["DOORWARD_HOME"]) / "packs"
    command = [str(BIN / "doorwardd"), "models", "pull", "--auto", "--from", str(packs), "--offline"]
    done = subprocess.run(
        command, env={**os.environ, "DOORWARD_HOME": str(home)}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the pack cannot be copied from {packs}:\n{done.stdout}{done.stderr}")


def free_ports() -> Ports:
    """Three ports nobody listens on."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(3)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        http, centre, page = (int(probe.getsockname()[1]) for probe in probes)
    return Ports(http=http, centre=centre, page=page)


if __name__ == "__main__":
    sys.exit(main())
