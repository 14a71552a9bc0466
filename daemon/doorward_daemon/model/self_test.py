"""Result of sending the golden picture through the live pipeline."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SelfTestCheck:
    """One check of the self-test."""

    name: str
    """boxes, landmarks, embedding or quality."""
    passed: bool
    """Whether it passed."""
    detail: str
    """What was expected and what was found."""


@dataclass(frozen=True, slots=True)
class SelfTestReport:
    """One run of the self-test."""

    checks: tuple[SelfTestCheck, ...]
    """The checks."""
    run_at: datetime
    """When it ran; aware, UTC."""
    duration_ms: float
    """How long it took, milliseconds."""

    @property
    def passed(self) -> bool:
        """Whether there were checks and all of them passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def failure(self) -> str:
        """What failed and how; empty where all passed."""
        if not self.checks:
            return "nothing was checked"
        return ", ".join(f"{check.name} ({check.detail})" for check in self.checks if not check.passed)
