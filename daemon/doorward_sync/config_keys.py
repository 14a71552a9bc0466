"""Which settings may come from the centre: how faces are judged, never where the centre is, who may call, or a path."""

from collections.abc import Mapping
from typing import Any

CENTRE_KEYS: Mapping[str, frozenset[str] | None] = {
    "gate": None,
    "liveness": None,
    "recognition": None,
    "open_set": frozenset({"target_fpir", "threshold", "margin"}),
    "enrolment": None,
    "gate_loop": None,
    "log": frozenset({"level", "keep_days"}),
}
"""Sections, and their keys; None stands for all of them. What is not named here is the box's own."""


def foreign_keys(raw: Mapping[str, Any]) -> list[str]:
    """Names in a configuration, as read from TOML, that may not come from the centre; in order of appearance."""
    found: list[str] = []
    for section, keys in raw.items():
        if section not in CENTRE_KEYS or not isinstance(keys, Mapping):
            found.append(section)
            continue
        allowed = CENTRE_KEYS[section]
        found += [f"{section}.{key}" for key in keys if allowed is not None and key not in allowed]
    return found
