"""Reads the centre's configuration file and environment; the only place that does."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from doorward_central.error import CentreError
from doorward_central.settings import CentreSettings

PREFIX = "DOORWARD_CENTRAL__"
"""DOORWARD_CENTRAL__SECTION__KEY=value overrides one setting."""
CONFIG_FILE = "central.toml"
"""Name of the configuration in the home folder."""
_DEFAULT_HOME = Path(".doorward")


def environment() -> Mapping[str, str]:
    """This process's environment."""
    return os.environ


def home_of(named: str, variables: Mapping[str, str]) -> Path:
    """The home folder: `data` and `run` lie in it.

    Args:
        named: on the command line; empty where it is not.
        variables: the environment; DOORWARD_HOME names it there.
    """
    return Path(named or variables.get("DOORWARD_HOME") or _DEFAULT_HOME).resolve()


def load_settings(home: Path, file: Path | None, variables: Mapping[str, str]) -> CentreSettings:
    """Reads and validates the whole configuration.

    Args:
        home: the home folder.
        file: the TOML file; None means <home>/central.toml, which may be absent.
        variables: the environment.

    Raises:
        CentreError: CONFIG_INVALID, with every problem.
    """
    path = file or home / CONFIG_FILE
    raw = _read(path, must_exist=file is not None)
    problems = _override(raw, variables) + _unknown_keys(raw)
    if problems:
        raise _invalid(path, problems)
    try:
        return TypeAdapter(CentreSettings).validate_python(raw)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        lines = [f"{'.'.join(map(str, one['loc']))}: found {one['input']!r}; {one['msg']}" for one in found]
        raise _invalid(path, lines) from error


def _read(path: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if must_exist:
            raise _invalid(path, ["the file does not exist"]) from error
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _invalid(path, [f"cannot be read: {error}"]) from error


def _override(raw: dict[str, Any], variables: Mapping[str, str]) -> list[str]:
    problems = []
    for name, value in sorted(variables.items()):
        if not name.startswith(PREFIX):
            continue
        parts = name.removeprefix(PREFIX).lower().split("__")
        if len(parts) != 2 or not all(parts) or not isinstance(raw.setdefault(parts[0], {}), dict):
            problems.append(f"{name}: expected {PREFIX}SECTION__KEY")
        else:
            raw[parts[0]][parts[1]] = value
    return problems


def _unknown_keys(raw: Mapping[str, Any]) -> list[str]:
    sections = {section.name: section.default_factory for section in fields(CentreSettings)}
    problems = []
    for name, keys in raw.items():
        if name not in sections or not isinstance(keys, Mapping):
            problems.append(f"{name}: unknown section; known are: {', '.join(sorted(sections))}")
            continue
        known = {field.name for field in fields(sections[name]())}  # type: ignore[operator]
        problems += [
            f"{name}.{key}: unknown key; known are: {', '.join(sorted(known))}" for key in keys if key not in known
        ]
    return problems


def _invalid(path: Path, problems: list[str]) -> CentreError:
    lines = "\n".join(f"  {problem}" for problem in problems)
    return CentreError(
        "CONFIG_INVALID",
        f"the configuration {path} has {len(problems)} problem(s); mend each and try again:\n{lines}",
        file=str(path),
    )
