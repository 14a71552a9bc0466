"""The configuration: one TOML file and environment overrides become frozen settings, or a list of all problems."""

from doorward_daemon.config.environment import Environment
from doorward_daemon.config.load import load_settings, read_environment
from doorward_daemon.config.settings import Settings

__all__ = ["Environment", "Settings", "load_settings", "read_environment"]
