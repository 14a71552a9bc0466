"""The reference of all settings as Markdown, read from the classes that define them so that it cannot be wrong."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Interval


def settings_reference(kind: type) -> str:
    """Writes the tables.

    Args:
        kind: the composed settings, a dataclass of dataclasses.

    Returns:
        One heading and one table per section.
    """
    hints = get_type_hints(kind)
    return "\n".join(part for field in fields(kind) for part in _sections(field.name, hints[field.name]))


def _sections(name: str, hint: Any) -> Iterator[str]:  # noqa: ANN401 - a type hint is no type
    """The section of a field and those inside it."""
    is_list = get_origin(hint) is tuple
    kind = get_args(hint)[0] if is_list else hint
    yield _section(f"[[{name}]]" if is_list else f"[{name}]", kind)
    for key, inner in get_type_hints(kind).items():
        if isinstance(inner, type) and is_dataclass(inner):
            yield from _sections(f"{name}.{key}", inner)


def _section(title: str, kind: type) -> str:
    lines = [f"## {title}", "", (inspect.getdoc(kind) or "").splitlines()[0], ""]
    lines += ["| key | default | allowed | meaning |", "| --- | --- | --- | --- |"]
    lines += [f"| `{key}` | {default} | {allowed} | {meaning} |" for key, default, allowed, meaning in _rows(kind)]
    return "\n".join([*lines, ""])


def _rows(kind: type) -> Iterator[tuple[str, str, str, str]]:
    meanings = _field_docstrings(kind)
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        if is_dataclass(hints[field.name]):
            continue
        meaning = meanings.get(field.name, "").replace("|", "\\|")
        yield field.name, _default(field), _allowed(hints[field.name]), meaning


def _default(field: "Field[Any]") -> str:
    value = field.default
    if value is MISSING and field.default_factory is MISSING:
        return "required"
    if field.default_factory is not MISSING:
        value = field.default_factory()
    if isinstance(value, Enum):
        value = value.value
    return f"`{str(value).lower() if isinstance(value, bool) else repr(value)}`"


def _allowed(hint: Any) -> str:  # noqa: ANN401 - a type hint is no type
    origin = get_origin(hint)
    if origin is Annotated:
        bare, *limits = get_args(hint)
        return ", ".join([_allowed(bare), *(_range(limit) for limit in limits if isinstance(limit, Interval))])
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(f"`{choice.value}`" for choice in hint)
    if origin is not None or is_dataclass(hint):
        return " or ".join(_allowed(part) for part in get_args(hint)) or "-"
    return {"NoneType": "absent"}.get(hint.__name__, str(hint.__name__))


def _range(limit: Interval) -> str:
    # Plain numbers: typing takes Interval(ge=0) and Interval(ge=0.0) for one, and which came first is chance.
    low = f"above {limit.gt:.12g}" if limit.gt is not None else f"{limit.ge:.12g}"
    high = f"below {limit.lt:.12g}" if limit.lt is not None else f"{limit.le:.12g}"
    return f"{low}..{high}"


def _field_docstrings(kind: type) -> dict[str, str]:
    """The string literal under each field of a dataclass and of those it extends."""
    found: dict[str, str] = {}
    for part in reversed(kind.__mro__):
        if is_dataclass(part):
            found |= _own_docstrings(part)
    return found


def _own_docstrings(kind: type) -> dict[str, str]:
    body = ast.parse(inspect.getsource(kind).lstrip()).body[0]
    found: dict[str, str] = {}
    if isinstance(body, ast.ClassDef):
        for statement, after in pairwise(body.body):
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                found[statement.target.id] = " ".join(_literal(after).split())
    return found


def _literal(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return str(statement.value.value)
    return ""
