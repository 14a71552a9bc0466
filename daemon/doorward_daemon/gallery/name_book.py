"""Display names of a snapshot: the next one is made without copying all of them."""

from collections.abc import Iterator, Mapping

_MOST_CHANGED = 1024
"""Changes kept beside the names as they were; with more, all are written down anew."""


class NameBook(Mapping[str, str]):
    """Names by subject. Thread-safe: never changes.

    Args:
        names: all of them; the book's from here on.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._changed: Mapping[str, str | None] = {}
        self._length = len(names)

    def __getitem__(self, subject_id: str) -> str:
        name = self._changed[subject_id] if subject_id in self._changed else self._names[subject_id]
        if name is None:
            raise KeyError(subject_id)
        return name

    def __iter__(self) -> Iterator[str]:
        yield from (one for one in self._names if one not in self._changed)
        yield from (one for one, name in self._changed.items() if name is not None)

    def __len__(self) -> int:
        return self._length

    def with_changes(self, changes: Mapping[str, str | None]) -> "NameBook":
        """The same names but for some.

        Args:
            changes: new names; None for subjects that are gone.
        """
        made = NameBook({})
        made._names, made._changed = self._names, {**self._changed, **changes}
        gained = sum((name is not None) - (subject_id in self) for subject_id, name in changes.items())
        made._length = self._length + gained
        return NameBook(dict(made)) if len(made._changed) > _MOST_CHANGED else made
