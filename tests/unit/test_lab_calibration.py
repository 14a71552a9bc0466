"""The calibration of a site is of the pack it runs; a pack compared with it keeps its own."""

from pathlib import Path

import pytest

from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.packs.site_profile import PROFILE_FILE, SiteProfile, write_profile
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import open_pack
from doorward_testing.daemon import give_pack, run_command

pytestmark = pytest.mark.models


@pytest.fixture
def home(tmp_path: Path, compact_pack: InstalledPack, starter_pack: InstalledPack) -> Path:
    """A box that runs compact, was calibrated, and has starter beside it."""
    home = tmp_path / "home"
    give_pack(home, compact_pack)
    other = starter_pack.folder.parents[1]
    done = run_command("doorwardd", "models", "pull", "starter", "--from", str(other), "--offline", home=home)
    assert done.code == 0, done.stderr
    profile = SiteProfile(
        made_on="2026-11-01",
        command="doorwardd calibrate photos",
        pack="compact",
        embedding_id=compact_pack.manifest.embedding_id,
        n_people=10,
        n_photos=50,
        n_genuine=100,
        n_impostor=1000,
        wanted_fmr=1e-3,
        wanted_fpir=1e-3,
        gallery_size=10,
        thresholds_at_fmr=((1e-2, 0.3), (1e-3, 0.5)),
        search_threshold=0.5,
        margin=0.1,
    )
    write_profile(home / PROFILE_FILE, profile)
    return home


@pytest.mark.parametrize("name", ["", "compact"])
def test_the_pack_of_the_box_is_measured_with_the_calibration_of_the_site(home: Path, name: str):
    assert open_pack(ToolContext(home=home), name).manifest.calibration.origin == "site 2026-11-01"


def test_another_pack_is_measured_with_its_own_and_that_is_said(home: Path, capsys: pytest.CaptureFixture[str]):
    pack = open_pack(ToolContext(home=home), "starter")
    assert (pack.manifest.name, pack.manifest.calibration.origin) == ("starter", "")
    assert "starter is measured with its own" in capsys.readouterr().err
