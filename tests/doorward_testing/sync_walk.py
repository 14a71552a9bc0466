"""`python -m doorward_testing.sync_walk --steps N --seed S`: as many random steps as there is time for."""

import argparse
import json
import sys
import time

from hypothesis import Phase

from doorward_testing.sync_machine import run_machine
from doorward_testing.sync_nodes import SyncParts

_STEPS_PER_WALK = 60


def main() -> int:
    """Walks until the steps are done; an invariant that does not hold ends with its shortest walk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=5000, metavar="N", help="steps checked at least (default: 5000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="where to begin (default: 1)")
    parser.add_argument("--shorten", action="store_true", help="look for the shortest walk that fails; takes minutes")
    given = parser.parse_args()
    phases = tuple(Phase) if given.shorten else (Phase.generate,)
    began_s, done, rounds = time.monotonic(), 0, 0
    seen: dict[str, int] = {}
    while done < given.steps:
        round_seen = run_machine(
            SyncParts(), examples=200, steps=_STEPS_PER_WALK, phases=phases, seed=given.seed + rounds
        )
        rounds += 1
        done += round_seen["steps"]
        seen = {name: seen.get(name, 0) + count for name, count in round_seen.items()}
        sys.stderr.write(f"{done} steps, {time.monotonic() - began_s:.0f} s\n")
    document = {
        "steps": done,
        "seed": given.seed,
        "violations": 0,
        "seen": {str(k): v for k, v in sorted(seen.items())},
    }
    sys.stdout.write(json.dumps(document) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
