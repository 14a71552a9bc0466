"""A gallery larger than a message may be on its way to a real gate: a cut, a kill, and nothing comes twice."""

import asyncio
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from doorward_central.database import open_connection
from doorward_central.gallery_rows import put_subject
from doorward_daemon.packs.manifest import InstalledPack
from doorward_sync.gallery_messages import ReferenceRecord, SubjectRecord
from doorward_sync.wire_stream import LARGEST_MESSAGE_BYTES
from doorward_testing.centre_site import CentreProcess, free_address, running, until
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.fault_proxy import FaultProxy, Toxic, fault_proxy
from doorward_testing.pictures import astronaut, save

pytestmark = [pytest.mark.system, pytest.mark.models, pytest.mark.timeout(300)]
MIB = 1024 * 1024
SUBJECTS = 2400
NUMBERS = 8 * 1024
"""Of a template of another pack: kept, and not searched."""
GALLERY_BYTES = SUBJECTS * NUMBERS * 4
SLACK_BYTES = 2 * MIB
"""The chunk under way when the cable is cut, and what surrounds the subjects on the wire."""


def fill(home: Path) -> None:
    """Puts everybody into the centre's store."""
    vector = np.ones(NUMBERS, "<f4")
    template = (vector / np.linalg.norm(vector)).astype("<f4").tobytes()
    with open_connection(home / "data", 1 << 34) as connection:
        for number in range(SUBJECTS):
            reference = ReferenceRecord(
                reference_id=f"r{number}",
                template=template,
                embedding_id="another-space",
                precision="f32",
                quality_score=0.9,
                create_time_us=0,
            )
            one = SubjectRecord(subject_id=f"s{number}", version=1, references=(reference,))
            put_subject(connection, one, 0)
    connection.close()


def highest_bytes(pid: int) -> int:
    """Most resident memory since it was last cleared."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def clear_highest(pid: int) -> int:
    """Begins to watch resident memory; what it is now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")
    return highest_bytes(pid)


def staged(gate: RunningDaemon) -> int:
    """Chunks a gate keeps aside."""
    return len(list((gate.home / "data" / "gallery-staging").glob("*.chunk")))


def knows(gate: RunningDaemon, subject_id: str) -> bool:
    return gate.client("subjects", "show", subject_id, "--json").code == 0


async def passed(proxy: FaultProxy, wanted_bytes: float) -> None:
    await until(lambda: proxy.passed.down_bytes >= wanted_bytes, 120)


async def test_a_gallery_larger_than_a_message_goes_on_after_a_cut_and_after_a_kill(
    any_pack: InstalledPack, tmp_path: Path
):
    assert GALLERY_BYTES > LARGEST_MESSAGE_BYTES
    address, home = free_address(), tmp_path / "gate"
    fill(tmp_path / "centre")
    give_pack(home, any_pack)
    async with fault_proxy(address) as proxy:
        proxy.poison(Toxic.CUT)
        settings = {
            "DOORWARD__RECOGNITION__LIVENESS": "off",
            "DOORWARD__UPLINK__CENTRE_ADDRESS": proxy.address,
            "DOORWARD__UPLINK__FIRST_RETRY_MAX_S": "0.5",
            "DOORWARD__UPLINK__RETRY_BASE_S": "0.2",
            "DOORWARD__UPLINK__RETRY_CAP_S": "0.5",
        }
        gate = RunningDaemon(home, **settings)
        with running(CentreProcess(tmp_path / "centre", address)) as centre:
            await asyncio.to_thread(gate.__enter__)
            try:
                await _walk(gate, centre, proxy, tmp_path)
            finally:
                await asyncio.to_thread(gate.stop)


async def _walk(gate: RunningDaemon, centre: CentreProcess, proxy: FaultProxy, folder: Path) -> None:
    picture = save(astronaut(), folder / "enrol.png")
    enrolled = await asyncio.to_thread(gate.client, "enrol", "--id", "here", "--name", "Here", str(picture), "--json")
    assert enrolled.code == 0, enrolled.stdout + enrolled.stderr
    centre_pid = centre.process.pid if centre.process is not None else 0
    before = {pid: clear_highest(pid) for pid in (gate.pid, centre_pid)}
    proxy.heal()
    await passed(proxy, 20 * MIB)
    proxy.poison(Toxic.CUT)
    first_bytes, first_chunks = proxy.passed.down_bytes, staged(gate)
    assert first_chunks >= 0.8 * first_bytes / (256 * 1024)
    assert not await asyncio.to_thread(knows, gate, "s0"), "in force before it is whole"
    assert await asyncio.to_thread(knows, gate, "here")
    proxy.heal()
    await passed(proxy, 40 * MIB)
    grown_bytes = highest_bytes(gate.pid) - before[gate.pid]
    gate.kill()
    kept = staged(gate)
    assert kept > first_chunks
    await asyncio.to_thread(gate.start)
    await asyncio.to_thread(gate.wait_until_ready)
    clear = clear_highest(gate.pid)
    await until(lambda: asyncio.to_thread(knows, gate, f"s{SUBJECTS - 1}"), 120)
    await until(lambda: staged(gate) == 0)
    assert await asyncio.to_thread(knows, gate, "s0")
    assert await asyncio.to_thread(knows, gate, "here")
    # Two breaks, and of the whole gallery nothing came again but what was under way.
    assert proxy.passed.down_bytes <= GALLERY_BYTES * 1.02 + 2 * SLACK_BYTES
    grown = {
        "gate while it comes": grown_bytes,
        "gate while it comes into force": highest_bytes(gate.pid) - clear,
        "centre": highest_bytes(centre_pid) - before[centre_pid],
    }
    print({what: f"{found / MIB:.1f} MiB" for what, found in grown.items()})  # noqa: T201 - figures of the test
    print(f"{proxy.passed.down_bytes / MIB:.1f} MiB came down of {GALLERY_BYTES / MIB:.1f}")  # noqa: T201 - the same
    assert max(grown.values()) < GALLERY_BYTES / 2


def test_the_chunk_size_of_a_centre_can_be_set_and_is_checked(tmp_path: Path):
    (tmp_path / "central.toml").write_text("[uplink]\ngallery_chunk_bytes = 10\n", "utf-8")
    command = [sys.executable, "-m", "doorward_central", "--home", str(tmp_path), "serve"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode != 0
    assert "gallery_chunk_bytes" in refused.stderr
