"""Progress of long work as a bar on stderr."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class RichProgress:
    """A bar per piece of work where stderr is a terminal, a line per piece where it is a file."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=self._console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def start(self, label: str, total_bytes: int | None) -> None:
        """A piece of work begins."""
        if self._console.is_terminal:
            self._task = self._bar.add_task(label, total=total_bytes)
        else:
            self._console.print(label, markup=False)

    def advance(self, n_bytes: int) -> None:
        """So many more bytes are done; negative when work has to be done again."""
        if self._task is not None:
            self._bar.advance(self._task, n_bytes)

    def done(self) -> None:
        """The piece of work has ended."""
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
