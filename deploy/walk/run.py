"""`make run`: daemon, centre and page under supervisord in the foreground, and an astronaut at the gate."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from gate import wait_for_passage
from pictures import write_pictures
from stage import BIN, Ports, Stage
from walk import SUBJECT_ID, enrol_first

PORTS = Ports(http=8321, centre=8330, page=8323)
"""The defaults of daemon, centre and page."""

BANNER = """
Doorward is at the gate: {decision}
  page     http://127.0.0.1:{page}/
  sockets  {home}/run/{{viewer,operator,enroller,admin}}.sock
  health   http://127.0.0.1:{http}/readyz    metrics  http://127.0.0.1:{http}/metrics
  try      {bin}/doorward events watch
           {bin}/doorward identify {picture}
           {bin}/doorward enrol --id me --name Me PHOTO.jpg
  note     {note}
Ctrl-C stops everything.
"""


def main() -> int:
    """Runs until supervisord ends or Ctrl-C."""
    home, camera = Path(os.environ["DOORWARD_HOME"]), os.environ.get("CAMERA") or "demo"
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Stage(home, PORTS, camera) as stage:
            stage.wait_until_ready(timeout_s=60.0)
            print(_banner(stage, camera), flush=True)
            return stage.wait()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


def _banner(stage: Stage, camera: str) -> str:
    pictures = write_pictures(stage.home / "pictures")
    decision, note = f"it watches {camera}", "enrol yourself and walk up to the camera"
    if camera == "demo":
        print(enrol_first(f"unix:{stage.home}/run/enroller.sock", pictures["enrol"]), file=sys.stderr)
        passage = wait_for_passage(stage, SUBJECT_ID, within_s=60.0)
        age_ms = passage.payload["capture_age_ms"]
        decision = f"the astronaut was let in after {age_ms:.0f} ms; record {passage.seq} is at the centre"
        note = "liveness is off in this demonstration: its people are pictures"
    return BANNER.format(
        decision=decision, page=PORTS.page, http=PORTS.http, home=stage.home, bin=os.path.relpath(BIN),
        picture=pictures["probe"], note=note,
    )  # fmt: skip


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
