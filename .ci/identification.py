"""Fails when `doorwardd eval identification` named a stranger: `identification.py RESULT`."""

import json
import sys
from pathlib import Path


def main(result: Path) -> int:
    """Counts the searches of one result in which a stranger was named."""
    found = json.loads(result.read_text())
    named, searches = found["n_strangers_named"], found["n_nonmated"]
    print(f"{found['pack']}: strangers named in {named} of {searches} searches, FNIR {found['fnir']:.4f}")
    return 0 if named == 0 and searches > 0 else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
