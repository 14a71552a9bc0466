"""A wall clock that jumps by years under the running daemon: no timer misfires, nothing is lost, order is by number."""

import json
import subprocess
from pathlib import Path

import pytest

from doorward_client import DoorwardClient
from doorward_testing.centre_site import CentreProcess, free_address, running
from doorward_testing.daemon import RunningDaemon
from doorward_testing.kill_loop import wait_for
from doorward_testing.ledger_home import missing, open_doors, operator_of, write_ledger_home
from doorward_testing.obligations import Obligations, judge
from doorward_testing.recorded_events import broken_in, recorded

pytestmark = [pytest.mark.faults, pytest.mark.system, pytest.mark.timeout(300)]
JUMPS = ("+3650d", "-30d", "-20000d", "+0")
"""Ten years on, a month back, to before 1970, and right again."""


def faketime_library() -> str:
    """The library that lets a process see another wall clock."""
    found = [path for folder in ("/usr/lib", "/usr/local/lib") for path in Path(folder).glob("**/libfaketimeMT.so.1")]
    if not found:
        pytest.skip("faketime is not on this machine")
    return str(found[0])


def test_a_wall_clock_that_jumps_by_years_misfires_nothing_and_loses_nothing(tmp_path: Path):
    library = faketime_library()
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    centre = CentreProcess(tmp_path / "centre", free_address())
    home = write_ledger_home(tmp_path / "home", centre.address)
    faked = {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    told = []
    with running(centre), RunningDaemon(home, **faked):
        for number, jump in enumerate(JUMPS):
            clock.write_text(f"{jump}\n")
            told += open_doors(home, 3, name=f"jump{number}")
        with operator_of(home) as client:
            wait_for(lambda: is_all_sent(client), "the uplink stands still")
        events = recorded(home)
    assert missing(told, events) == []
    assert broken_in(events) is None
    seqs = [event.seq for event in told]
    assert seqs == sorted(seqs)
    verdict = judge(Obligations(), tmp_path / "centre" / "data" / "central.db")
    assert (verdict.gaps, verdict.broken) == (0, 0)
    # The clock was believed only while it could be: what stands in the record says which it was.
    states = {json.loads(event.payload_json)["note"]: event.clock_state for event in told}
    assert len(set(states.values())) > 1
    assert len({event.wall_time.seconds // 86_400 for event in told}) >= 3


def is_all_sent(client: DoorwardClient) -> bool:
    return client.get_uplink_status().unsent_events == 0


def test_a_faked_clock_is_what_the_process_sees():
    """The red twin: a library that fakes nothing would let the test above pass without a jump."""
    environment = {"LD_PRELOAD": faketime_library(), "FAKETIME": "-20000d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    program = ["date", "+%Y"]
    done = subprocess.run(
        program, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 1975
