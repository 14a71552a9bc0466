"""Reads the configuration file and the environment; the only place that does."""

import logging
import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from doorward_daemon.config.centre_layer import layers, parse_layer
from doorward_daemon.config.environment import Environment, parse_environment
from doorward_daemon.config.ledger_settings import DaemonSettings, LedgerSettings
from doorward_daemon.errors import ErrorReason, FieldProblem, InvalidInput
from doorward_sync.down_messages import ConfigDocument

if TYPE_CHECKING:
    from doorward_daemon.config.settings import Settings

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


def read_environment() -> Environment:
    """Reads this process's environment."""
    return parse_environment(os.environ, Path.cwd())


def load_settings(file: Path | None, environment: Environment) -> "Settings":
    """Reads and validates the whole configuration.

    Args:
        file: the TOML file; None means <home>/doorward.toml, which may be absent.
        environment: overrides of the environment.

    Raises:
        InvalidInput: CONFIG_INVALID with every problem, its path, its value and what was expected.
    """
    from doorward_daemon.config.settings import Settings

    return _first_valid(Settings, file, environment)


def settings_with(file: Path | None, environment: Environment, document: ConfigDocument) -> "Settings":
    """The whole configuration as it is with a given one of the centre, checked as load_settings checks it.

    Args:
        file: as load_settings.
        environment: as load_settings.
        document: what the centre says.

    Raises:
        InvalidInput: CONFIG_INVALID, as load_settings.
    """
    from doorward_daemon.config.settings import Settings

    return _with_layer(Settings, file, environment, document)


def load_ledger_settings(file: Path | None, environment: Environment) -> LedgerSettings:
    """Reads and validates the sections of a daemon that only keeps the record; those of other rooms are not looked at.

    Args:
        file: as load_settings.
        environment: as load_settings.

    Raises:
        InvalidInput: CONFIG_INVALID, as load_settings.
    """
    return _first_valid(LedgerSettings, file, environment)


def wants_ledger_only(file: Path | None, environment: Environment) -> bool:
    """Whether the configuration asks for a daemon that only keeps the record; what cannot be read asks for nothing.

    Args:
        file: as load_settings.
        environment: as load_settings.
    """
    raw, _ = _read_all(file, environment)
    settings, _ = _validate(DaemonSettings, raw.get("daemon", {}))
    return settings is not None and settings.ledger_only


def _first_valid(kind: type[T], file: Path | None, environment: Environment) -> T:
    """With what the centre configured, as far as that is valid together with the device's own configuration."""
    *given, nothing = layers(environment.home)
    for document in given:
        try:
            return _with_layer(kind, file, environment, document)
        except InvalidInput as error:
            _LOG.warning("configuration %s of the centre does not count: %s", document.revision, error.message)
    return _with_layer(kind, file, environment, nothing)


def _with_layer(kind: type[T], file: Path | None, environment: Environment, document: ConfigDocument) -> T:
    raw, problems = _read_all(file, environment, document)
    if kind is LedgerSettings:
        known = {field.name for field in fields(LedgerSettings)}
        raw = {name: section for name, section in raw.items() if name in known}
    return _checked(kind, raw, problems, file or environment.home / "doorward.toml")


def _read_all(
    file: Path | None, environment: Environment, document: ConfigDocument | None = None
) -> tuple[dict[str, Any], list[FieldProblem]]:
    raw, problems = _read(file, environment.home / "doorward.toml")
    if document is not None:
        layer, problem = parse_layer(document)
        problems += [FieldProblem(f"configuration {document.revision} of the centre", problem)] if problem else []
        for section, keys in layer.items():
            own = raw.get(section, {})
            raw[section] = {**own, **keys} if isinstance(own, dict) else own
    problems += [FieldProblem(name, "expected DOORWARD__SECTION__KEY") for name in environment.malformed]
    for section, key, value in environment.overrides:
        place = raw.setdefault(section, {})
        if isinstance(place, dict):
            place[key] = value
    return raw, problems


def _checked(kind: type[T], raw: dict[str, Any], problems: list[FieldProblem], path: Path) -> T:
    problems += _unknown_keys(raw, kind, "")
    settings, wrong = _validate(kind, raw)
    problems += wrong
    if problems or settings is None:
        raise _invalid(path, problems)
    return settings


def _read(file: Path | None, default: Path) -> tuple[dict[str, Any], list[FieldProblem]]:
    path = file or default
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), []
    except FileNotFoundError:
        return {}, [] if file is None else [FieldProblem(str(path), "the file does not exist")]
    except (OSError, UnicodeDecodeError) as error:
        return {}, [FieldProblem(str(path), f"cannot be read: {error}")]
    except tomllib.TOMLDecodeError as error:
        return {}, [FieldProblem(str(path), f"is not TOML: {error}")]


def _unknown_keys(raw: Mapping[str, Any], kind: type, path: str) -> list[FieldProblem]:
    known = {field.name for field in fields(kind)}
    hints = get_type_hints(kind)
    problems = []
    for key, value in raw.items():
        place = f"{path}{key}"
        if key not in known:
            problems.append(FieldProblem(place, f"unknown key; known are: {', '.join(sorted(known))}"))
            continue
        inner = _settings_class(hints[key])
        for number, part in enumerate(value if isinstance(value, list) else [value]):
            if inner is not None and isinstance(part, Mapping):
                at = f"{place}.{number}." if isinstance(value, list) else f"{place}."
                problems += _unknown_keys(part, inner, at)
    return problems


def _settings_class(hint: Any) -> type | None:  # noqa: ANN401 - a type hint is no type
    """The dataclass a field holds, one or a tuple of it; None for a plain value."""
    kind = get_args(hint)[0] if get_origin(hint) is tuple else hint
    return kind if isinstance(kind, type) and is_dataclass(kind) else None


def _validate(kind: type[T], raw: Mapping[str, Any]) -> tuple[T | None, list[FieldProblem]]:
    try:
        return TypeAdapter(kind).validate_python(_only_known(raw, kind)), []
    except ValidationError as error:
        return None, [_problem(detail) for detail in error.errors(include_url=False, include_context=False)]


def _only_known(raw: Mapping[str, Any], kind: type) -> dict[str, Any]:
    # Unknown keys are reported with the list of known ones; here they would be reported a second time.
    hints = get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    return {key: _known_part(value, _settings_class(hints[key])) for key, value in raw.items() if key in known}


def _known_part(value: Any, kind: type | None) -> Any:  # noqa: ANN401 - whatever TOML holds
    if kind is not None and isinstance(value, list):
        return [_known_part(part, kind) for part in value]
    return _only_known(value, kind) if kind is not None and isinstance(value, Mapping) else value


def _problem(detail: Any) -> FieldProblem:  # noqa: ANN401 - pydantic's ErrorDetails is not exported as a stable type
    place = ".".join(str(part) for part in detail["loc"])
    return FieldProblem(place, f"found {detail['input']!r}; {detail['msg']}")


def _invalid(path: Path, problems: list[FieldProblem]) -> InvalidInput:
    lines = "\n".join(f"  {problem.field}: {problem.problem}" for problem in problems)
    return InvalidInput(
        ErrorReason.CONFIG_INVALID,
        f"the configuration {path} has {len(problems)} problem(s); mend each and try again:\n{lines}",
        metadata={"file": str(path), "problems": str(len(problems))},
        problems=problems,
    )
