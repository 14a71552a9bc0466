"""`python -m doorward_testing.forgetful_journal`: a daemon that answers as if it had written what its disk refused.

The red twin of the harnesses about disks that may only be read, and about limits of the process.
"""

import sys
from collections.abc import Callable, Sequence

from doorward_daemon.__main__ import main
from doorward_daemon.errors import DoorwardError
from doorward_daemon.journal.book import JournalBook, Written, _placed
from doorward_daemon.journal.draft import StampedDraft
from doorward_sync.event import Event, EventKey

Write = Callable[..., Written]


def forgetful(write: Write) -> Write:
    """The writing of a book that takes a refusal for a success."""

    def write_or_pretend(
        book: JournalBook, groups: Sequence[Sequence[StampedDraft]], *, growing: bool = True
    ) -> Written:
        try:
            return write(book, groups, growing=growing)
        except DoorwardError:
            made = [[_made_up(book, draft) for draft in group] for group in groups]
            return Written(groups=made, fresh=[event for group in made for event in group])

    return write_or_pretend


def _made_up(book: JournalBook, draft: StampedDraft) -> Event:
    before = book.lanes[draft.lane]
    return _placed(draft, EventKey(book.epoch, draft.lane, before.last + 1), before.chain_head)


if __name__ == "__main__":
    JournalBook.write = forgetful(JournalBook.write)  # type: ignore[method-assign]
    sys.exit(main(["serve", "--ledger-only"]))
