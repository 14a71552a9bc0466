"""What the environment says: where the home and the development pictures are, and which settings it overrides."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OVERRIDE_PREFIX = "DOORWARD__"
"""DOORWARD__SECTION__KEY=value overrides one setting."""

SERVICE_HOME = Path("/var/lib/doorward")
"""Home of an installed service."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The part of the process environment that concerns Doorward."""

    home: Path
    """Home folder: data, packs, run, log, cache."""
    assets: Path | None
    """Development pictures and weights; None where the folder is not there."""
    overrides: tuple[tuple[str, str, str], ...]
    """(section, key, value) of every DOORWARD__SECTION__KEY variable, lower case names."""
    notify_socket: str = ""
    """Where systemd wants to be told how the daemon is; empty where it does not."""
    malformed: tuple[str, ...] = ()
    """Names that start with the prefix but do not name a section and a key."""


def parse_environment(variables: Mapping[str, str], working_folder: Path) -> Environment:
    """Reads the variables of one process.

    Args:
        variables: the process environment.
        working_folder: where relative defaults are looked for.
    """
    overrides, malformed = [], []
    for name, value in sorted(variables.items()):
        if not name.startswith(OVERRIDE_PREFIX):
            continue
        parts = name.removeprefix(OVERRIDE_PREFIX).lower().split("__")
        if len(parts) == 2 and all(parts):
            overrides.append((parts[0], parts[1], value))
        else:
            malformed.append(name)
    return Environment(
        home=_home(variables, working_folder),
        assets=_assets(variables, working_folder),
        overrides=tuple(overrides),
        notify_socket=variables.get("NOTIFY_SOCKET", ""),
        malformed=tuple(malformed),
    )


def _home(variables: Mapping[str, str], working_folder: Path) -> Path:
    if named := variables.get("DOORWARD_HOME"):
        return (working_folder / named).resolve()
    beside = working_folder / ".doorward"
    # A checkout that has been run keeps its home beside the Makefile; a box has /var/lib/doorward.
    return beside.resolve() if beside.is_dir() or not SERVICE_HOME.is_dir() else SERVICE_HOME


def _assets(variables: Mapping[str, str], working_folder: Path) -> Path | None:
    named = variables.get("DOORWARD_ASSETS")
    folder = (working_folder / (named or "../shared")).resolve()
    return folder if (folder / "models").is_dir() else None
