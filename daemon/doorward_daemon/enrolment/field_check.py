"""Checks the fields of writes; all wrong ones are named at once."""

import re
import unicodedata

from doorward_daemon.errors import ErrorReason, FieldProblem, InvalidInput

_SUBJECT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,64}")
MAX_DISPLAY_NAME = 200
"""Characters of a display name."""
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that break a line, a screen or the encoding: control characters, surrogates, separators."""
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that make a screen show another name than the one stored (Unicode TR 36, bidirectional controls)."""


class FieldCheck:
    """Collects what is wrong with one write."""

    def __init__(self) -> None:
        self._problems: list[FieldProblem] = []

    def request_id(self, value: str) -> "FieldCheck":
        """1..64 printable ASCII characters without spaces."""
        self._expect("request_id", _REQUEST_ID.fullmatch(value) is not None, value, "1..64 printable characters")
        return self

    def subject_id(self, value: str) -> "FieldCheck":
        """1..64 letters, digits, dot, dash, underscore."""
        fits = _SUBJECT_ID.fullmatch(value) is not None
        self._expect("subject_id", fits, value, "1..64 letters (a-z, A-Z), digits, dot, dash or underscore")
        return self

    def reference_id(self, value: str) -> "FieldCheck":
        """The same characters as a subject_id."""
        self._expect("reference_id", _SUBJECT_ID.fullmatch(value) is not None, value, "the identity of a reference")
        return self

    def display_name(self, value: str) -> "FieldCheck":
        """At most 200 characters, none that a screen cannot show as stored; may be empty."""
        if len(value) > MAX_DISPLAY_NAME:
            self._problems.append(
                FieldProblem("display_name", f"found {len(value)} characters, expected at most {MAX_DISPLAY_NAME}")
            )
        bad = [char for char in value if unicodedata.category(char) in _UNPRINTABLE or char in _REORDERING]
        if bad:
            self._problems.append(
                FieldProblem("display_name", f"found the control character U+{ord(bad[0]):04X}, expected none")
            )
        return self

    def finish(self) -> None:
        """Ends the check.

        Raises:
            InvalidInput: FIELD_INVALID, with every problem.
        """
        if self._problems:
            listed = "; ".join(f"{problem.field}: {problem.problem}" for problem in self._problems)
            raise InvalidInput(ErrorReason.FIELD_INVALID, listed, problems=self._problems)

    def _expect(self, field: str, fits: bool, value: str, expected: str) -> None:
        if not fits:
            self._problems.append(FieldProblem(field, f"found {value[:80]!r}, expected {expected}"))
