"""How long and from which seed the campaign runs, and what it found: options of pytest, and a file of figures."""

import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from doorward_testing.locked import locked

BUILD = Path(__file__).resolve().parents[2] / "build"
"""Where every harness writes what it did in its latest run: faults.json, faults-long.json."""
_SHORT_SEED = 20
"""Of short runs, so that the same commit gives the same answer."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One run of the campaign."""

    seed: int
    """Everything random follows from it."""
    is_long: bool
    """Whether this is the long one."""
    asked: dict[str, int]
    """Counts somebody asked for, by name: kills, cuts, runs."""

    def count(self, name: str, short: int, long: int) -> int:
        """How often something is done.

        Args:
            name: `kills`, `cuts` or `runs`.
            short: in the short campaign.
            long: in the long one.
        """
        return self.asked.get(name) or (long if self.is_long else short)

    def note(self, harness: str, **figures: object) -> None:
        """Writes down what a harness did, and prints it.

        Args:
            harness: its name.
            figures: counts and times, with units in their names.
        """
        entry = {"date": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}", "seed": self.seed, **figures}
        sys.stdout.write(f"\n{harness}: {json.dumps(entry)}\n")
        BUILD.mkdir(exist_ok=True)
        file = BUILD / ("faults-long.json" if self.is_long else "faults.json")
        with locked(file.with_suffix(".lock")):
            found = json.loads(file.read_text("utf-8")) if file.is_file() else {}
            draft = file.with_suffix(f".{time.monotonic_ns()}")
            draft.write_text(json.dumps({**found, harness: entry}, indent=1, sort_keys=True) + "\n", "utf-8")
            draft.replace(file)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options of the campaign."""
    group = parser.getgroup("faults", "the campaign that nothing is lost (docs/reliability.md)")
    group.addoption("--faults-long", action="store_true", help="run the long campaign: hours")
    group.addoption("--seed", type=int, default=None, help="seed of the campaign; a long run draws one and prints it")
    for name, what in (("kills", "SIGKILLs"), ("cuts", "power cuts"), ("runs", "rounds of every other harness")):
        group.addoption(f"--{name}", type=int, default=0, help=f"number of {what}, instead of the campaign's own")


def pytest_report_header(config: pytest.Config) -> str:
    """Says which seed this is."""
    return f"campaign: {_campaign_of(config)}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Lets every harness of a campaign with counts of its own take the time it needs."""
    mine = _campaign_of(config)
    if mine.is_long or any(mine.asked.values()):
        for item in items:
            if item.get_closest_marker("faults"):
                item.add_marker(pytest.mark.timeout(0), append=False)


@pytest.fixture(scope="session")
def campaign(request: pytest.FixtureRequest) -> Campaign:
    """The campaign this run belongs to."""
    return _campaign_of(request.config)


@pytest.fixture
def ram_folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder in memory, where the machine has one: for images of disks, which need no disk of their own."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="doorward-", dir=memory) as folder:
        yield Path(folder)


_CAMPAIGN = pytest.StashKey[Campaign]()


def _campaign_of(config: pytest.Config) -> Campaign:
    if _CAMPAIGN not in config.stash:
        is_long = bool(config.getoption("--faults-long"))
        seed = config.getoption("--seed")
        drawn = secrets.randbits(32) if is_long else _SHORT_SEED
        asked = {name: int(config.getoption(f"--{name}")) for name in ("kills", "cuts", "runs")}
        config.stash[_CAMPAIGN] = Campaign(drawn if seed is None else int(seed), is_long, asked)
    return config.stash[_CAMPAIGN]
