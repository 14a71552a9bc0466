"""A gate that decides several times a second: real camera, models, journal, door, uplink, and always somebody there."""

from pathlib import Path

from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.pictures import astronaut, save

SUBJECT_ID = "astronaut"
_PICTURES_PER_S = 8.0
_LONGEST_GAP_S = 0.05
"""Below the time between two pictures: each shows somebody who has just come, and is decided about at once."""
_CONFIGURATION = """
[[doors]]
door_id = "main"
[doors.policy]
liveness = "off"

[recognition]
liveness = "off"

[gate_loop]
max_denied_per_minute = 1000
[gate_loop.track]
longest_gap_s = {gap_s}

[uplink]
centre_address = "{centre}"
first_retry_max_s = 0.2
retry_base_s = 0.1
retry_cap_s = 0.3
"""
_CAMERA = """
[[cameras]]
camera_id = "gate"
source = "{pictures}"
frames_per_s = {rate}
door_id = "main"
"""


def prepare_busy_gate(home: Path, pack: InstalledPack, centre: str) -> Path:
    """Makes the home of a gate before which the astronaut comes by for ever, and is enrolled.

    Args:
        home: of the daemon, to be made.
        pack: its models.
        centre: address of its centre; empty for a gate without one.

    Returns:
        The home.
    """
    give_pack(home, pack)
    pictures = home / "pictures"
    pictures.mkdir()
    for number in range(4):
        save(astronaut(brightness=0.94 + number * 0.02), pictures / f"{number}.png")
    portrait = save(astronaut(), home / "portrait.png")
    with RunningDaemon(home) as daemon:
        enrolled = daemon.client("enrol", "--id", SUBJECT_ID, str(portrait))
        assert enrolled.code == 0, enrolled.stdout + enrolled.stderr
    settings = _CONFIGURATION.format(gap_s=_LONGEST_GAP_S, centre=centre)
    (home / "quiet.toml").write_text(settings)
    (home / "doorward.toml").write_text(settings + _CAMERA.format(pictures=pictures, rate=_PICTURES_PER_S))
    return home


def take_camera_away(home: Path) -> None:
    """Leaves the gate without its camera from the next start on."""
    (home / "quiet.toml").replace(home / "doorward.toml")
