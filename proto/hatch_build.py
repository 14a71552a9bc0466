"""Build hook: generates the contract's code before hatchling looks for packages; a fresh clone installs whole."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ContractHook(BuildHookInterface[Any]):
    """Runs proto/generate.py for wheels and editable installs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Generates `doorward_api`; called by hatchling with the build version."""
        if self.target_name == "wheel":
            runpy.run_path(str(Path(self.root) / "proto" / "generate.py"))["generate"]()
