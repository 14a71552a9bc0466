"""Checks the fields of a request and reports all that are wrong at once, before any work is done."""

import re
from collections.abc import Iterable

from doorward_api.v1 import subject_pb2
from doorward_daemon.errors import ErrorReason, FieldProblem, InvalidInput
from doorward_daemon.model.subject import ReferenceKind

_SUBJECT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_EVENT_KIND = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)*")
_LONGEST_KIND = 100
_LONGEST_NAME = 200
_LONGEST_REQUEST_ID = 64


class FieldChecks:
    """Collects the problems of one request."""

    def __init__(self) -> None:
        self._problems: list[FieldProblem] = []

    def refuse_if_wrong(self) -> None:
        """Ends the checking.

        Raises:
            InvalidInput: FIELD_INVALID with every problem found.
        """
        if self._problems:
            listed = "; ".join(f"{problem.field}: {problem.problem}" for problem in self._problems)
            raise InvalidInput(
                ErrorReason.FIELD_INVALID, f"the request is wrong in {listed}", problems=tuple(self._problems)
            )

    def request_id(self, found: str) -> None:
        """Wants 1..64 printable characters."""
        if not 1 <= len(found) <= _LONGEST_REQUEST_ID or not found.isprintable():
            self.add("request_id", f"expected 1..{_LONGEST_REQUEST_ID} printable characters, found {_shown(found)}")

    def identity(self, field: str, found: str, *, optional: bool = False) -> None:
        """Wants the identity of a subject or reference: 1..64 letters, digits, dot, dash, underscore."""
        if not _SUBJECT_ID.fullmatch(found) and not (optional and not found):
            self.add(field, f"expected 1..64 letters, digits, dot, dash, underscore, found {_shown(found)}")

    def display_name(self, field: str, found: str) -> None:
        """Wants at most 200 characters, none of them a control character."""
        if len(found) > _LONGEST_NAME or any(ord(character) < 32 or ord(character) == 127 for character in found):
            self.add(
                field, f"expected at most {_LONGEST_NAME} characters without control characters, found {_shown(found)}"
            )

    def event_kind(self, field: str, found: str) -> None:
        """Wants a kind of event, or the words it begins with: lower case words with dots between; may be empty."""
        if found and (len(found) > _LONGEST_KIND or not _EVENT_KIND.fullmatch(found)):
            self.add(field, f"expected lower case words with dots between, e.g. `access`, found {_shown(found)}")

    def number(self, field: str, found: float, *, least: float, most: float) -> None:
        """Wants least..most; what is no number is neither."""
        if not least <= found <= most:
            self.add(field, f"expected {least:g}..{most:g}, found {found:g}")

    def count(self, field: str, found: int, *, most: int, default: int) -> int:
        """Wants 0..most; returns the number meant, where 0 means the default."""
        if not 0 <= found <= most:
            self.add(field, f"expected 0..{most}, found {found}")
        return found or default

    def mask(self, field: str, found: Iterable[str], known: frozenset[str]) -> None:
        """Wants only fields that can be changed."""
        for path in found:
            if path not in known:
                self.add(field, f"expected one of {', '.join(sorted(known))}, found {_shown(path)}")

    def reference_kind(self, field: str, found: int) -> ReferenceKind:
        """Wants a kind of reference that the contract knows; returns the one meant, POSITIVE where none is given."""
        if found not in subject_pb2.ReferenceKind.values():
            self.add(field, f"expected POSITIVE or NEGATIVE, found the number {found}")
        negative = found == subject_pb2.REFERENCE_KIND_NEGATIVE
        return ReferenceKind.NEGATIVE if negative else ReferenceKind.POSITIVE

    def add(self, field: str, problem: str) -> None:
        """Notes a problem.

        Args:
            field: path of the field within the request.
            problem: what was expected and what was found.
        """
        self._problems.append(FieldProblem(field, problem))


def _shown(text: str) -> str:
    return repr(text) if len(text) <= 80 else f"{text[:80]!r}… ({len(text)} characters)"
