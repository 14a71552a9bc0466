"""Fails when `doorwardd eval verification` falls below what the pack promises: `verification.py RESULT`."""

import json
import sys
from pathlib import Path

PROMISED = {"compact": (0.995, 0.02), "starter": (0.98, 0.08)}
"""Least balanced accuracy and greatest FNMR at FMR 1e-3 per pack."""


def main(result: Path) -> int:
    """Compares one result with the promise of its pack."""
    found = json.loads(result.read_text())
    least_accuracy, greatest_fnmr = PROMISED[found["pack"]]
    accuracy, fnmr = found["balanced_accuracy"], found["fnmr_at_fmr"]["1e-3"]
    print(f"{found['pack']}: balanced accuracy {accuracy:.4f}, FNMR at FMR 1e-3 {fnmr:.4f}")
    return 0 if accuracy >= least_accuracy and fnmr <= greatest_fnmr and not found["n_failed_to_enrol"] else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
