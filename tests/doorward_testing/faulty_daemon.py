"""`python -m doorward_testing.faulty_daemon KIND N LOG`: the daemon on a disk whose n-th call of a kind goes wrong.

LOG gets a line for the fault and for every call after it.
"""

import os
import sys

from doorward_daemon.__main__ import main
from doorward_testing.nth_fault import KINDS, Kind, NthFault


class LoggingFault(NthFault):
    """An NthFault that tells a file, so that what was asked outlives the process.

    Args:
        kind: as NthFault.
        number: as NthFault.
        log: the file.
    """

    def __init__(self, kind: Kind, number: int, log: str) -> None:
        super().__init__(kind, number, lasting=False)
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def is_due(self, call: str, file: str) -> bool:
        """As NthFault."""
        is_due = super().is_due(call, file)
        if self.failed_at is not None and call != "read":
            os.write(self._log, f"{call} {file}\n".encode("ascii"))
        return is_due


if __name__ == "__main__":
    (wanted,) = [kind for kind in KINDS if kind == sys.argv[1]]
    with LoggingFault(wanted, int(sys.argv[2]), sys.argv[3]):
        sys.exit(main(["serve", "--ledger-only"]))
