"""One lane of one device at the centre: what was taken in, and what may be answered."""

from doorward_sync.batch_run import ProtocolError


class CentreLane:
    """The receiving window of a lane."""

    __slots__ = ("_rewound_from", "is_disputed", "pending", "taken")

    def __init__(self, start: int) -> None:
        self.taken = start
        self.pending = 0
        self.is_disputed = False
        self._rewound_from: int | None = None

    def take(self, first: int, last: int, most_pending: int) -> int | None:
        """Takes a batch in, to be stored.

        Returns:
            Where the device must go back to (C2), once per gap; 0 while it is told already; None where it was taken.

        Raises:
            ProtocolError: more batches wait for the disk than any credit allows.
        """
        if first > self.taken + 1:
            told = self._rewound_from == self.taken + 1
            self._rewound_from = self.taken + 1
            return 0 if told else self.taken + 1
        if self.pending >= most_pending:
            raise ProtocolError(f"{self.pending} batches wait already")
        self._rewound_from = None
        self.taken = max(self.taken, last)
        self.pending += 1
        return None
