"""The stage of `make run`, twice on one home: each time the passage of this time is told, and the end comes soon."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import give_pack

pytestmark = [pytest.mark.system, pytest.mark.models]
WALK = Path(__file__).resolve().parents[2] / "deploy" / "walk"
STOPS_WITHIN_S = 5.0


@pytest.fixture(autouse=True)
def walk_on_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The scripts of the walk find each other by their folder, as when make starts them."""
    monkeypatch.syspath_prepend(str(WALK))
    yield
    for name in ("gate", "pictures", "smoke", "stage", "walk"):
        sys.modules.pop(name, None)


def test_a_second_walk_tells_of_its_own_passage_and_both_end_within_five_seconds(
    any_pack: InstalledPack, tmp_path: Path
):
    from gate import wait_for_passage
    from pictures import write_pictures
    from smoke import free_ports
    from stage import Stage
    from walk import SUBJECT_ID, enrol_first

    give_pack(tmp_path, any_pack)
    passages, stopped_s = [], []
    for said in ("enrolled", "was enrolled before"):
        with Stage(tmp_path, free_ports()) as stage:
            stage.wait_until_ready(60.0)
            portrait = write_pictures(tmp_path / "pictures")["enrol"]
            assert said in enrol_first(f"unix:{tmp_path}/run/enroller.sock", portrait)
            passages.append(wait_for_passage(stage, SUBJECT_ID, 60.0))
            newest = stage.run("doorward", "events", "list", "--newest", "200", "--json")
            began_s = time.monotonic()
        stopped_s.append(time.monotonic() - began_s)
    assert all(passage.acknowledged for passage in passages)
    assert '"device.stopped"' in newest, "the record of the first walk is not there any more"
    assert passages[1].seq > passages[0].seq
    assert max(stopped_s) < STOPS_WITHIN_S
