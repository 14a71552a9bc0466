"""`make run`: the daemon under supervisord in the foreground, and an astronaut who walks past it."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from pictures import write_pictures
from stage import BIN, Stage
from walk import show, walk

HTTP_PORT = 8321
"""Port of health and metrics on loopback, the default of the daemon."""

BANNER = """
Doorward is at the door. {decision}
  health   http://127.0.0.1:{port}/readyz    metrics  http://127.0.0.1:{port}/metrics
  sockets  {home}/run/{{viewer,operator,enroller,admin}}.sock
  try      {bin}/doorward identify {picture}
           {bin}/doorward enrol --id me --name Me PHOTO.jpg
  note     liveness is off in this demonstration: its pictures are pictures
Ctrl-C stops it.
"""


def main() -> int:
    """Runs until supervisord ends or Ctrl-C."""
    home = Path(os.environ["DOORWARD_HOME"])
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Stage(home, HTTP_PORT, {"DOORWARD__RECOGNITION__LIVENESS": "off"}) as stage:
            stage.wait_until_ready(timeout_s=60.0)
            pictures = write_pictures(home / "pictures")
            steps = walk(f"unix:{home}/run/enroller.sock", pictures)
            show(steps)
            decision = f"{steps[0].picture}: {steps[0].outcome} in {steps[0].frame_to_decision_ms:.0f} ms."
            print(
                BANNER.format(
                    decision=decision,
                    port=HTTP_PORT,
                    home=home,
                    bin=os.path.relpath(BIN),
                    picture=pictures["probe"],
                )
            )
            return stage.wait()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
