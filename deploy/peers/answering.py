"""How a peer answers: one line of JSON per picture, on stdin and stdout, timed inside the peer's own process."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Embed = Callable[[bytes], Sequence[float] | None]
"""Turns an encoded picture into the vector of its largest face; None where it finds none."""


def answer(version: str, embed: Embed) -> None:
    """Says which version it is, then answers until stdin ends.

    Args:
        version: of the peer.
        embed: its work, decoding included.
    """
    # The libraries of a peer may print what they like; answers go to the stdout the process began with.
    out, sys.stdout = sys.stdout, sys.stderr
    out.write(json.dumps({"version": version}) + "\n")
    out.flush()
    for line in sys.stdin:
        content = Path(line.rstrip("\n")).read_bytes()
        started_ns = time.perf_counter_ns()
        vector = embed(content)
        took_ms = (time.perf_counter_ns() - started_ns) / 1e6
        out.write(json.dumps({"ms": took_ms, "vector": None if vector is None else [float(n) for n in vector]}) + "\n")
        out.flush()
