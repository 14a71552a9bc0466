"""Doorward as a peer: the daemon's own recogniser, gates on."""

import sys
from importlib.metadata import version
from pathlib import Path

from answering import answer

from doorward_daemon.errors import Conflict
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.pipeline_rig import demonstration_picture, open_rig


def main() -> None:
    """Answers; the home that holds the pack is the first argument, the pack the second."""
    context = ToolContext(home=Path(sys.argv[1]))
    with open_rig(context, sys.argv[2], demonstration_picture(), 2) as rig:

        def embed(content: bytes) -> tuple[float, ...] | None:
            try:
                return rig.recogniser.extract(content).vector
            except Conflict:
                return None

        answer(version("doorward"), embed)


if __name__ == "__main__":
    main()
