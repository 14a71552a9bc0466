"""`make bench-peers`: the same pictures through Doorward and through what people install today, in one run."""

import argparse
import json
import os
import sys
import tomllib
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from comparing import Measured, as_markdown, compare
from frames import put_in_frame, read_size
from limits import model_limits
from peer import Answering, Peer, answering

from doorward_daemon.packs.store import PackStore
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.photo_folder import groups_in

ROOT = Path(__file__).resolve().parents[2]
PACK = "compact"
WARM_UP = 3
"""Pictures before the first that counts."""


def main() -> int:
    """Measures and writes build/peers.{md,json}."""
    parser = argparse.ArgumentParser(prog="make bench-peers", description=__doc__)
    default = Path(os.environ.get("DOORWARD_ASSETS", ROOT.parent / "shared")) / "faces"
    parser.add_argument("folder", nargs="?", type=Path, default=default, help="DIR/person/photo")
    parser.add_argument("--frame", default="", metavar="WxH", help="put each photo into a frame of this size first")
    parser.add_argument("--only", default="", metavar="NAME,..", help="peers to measure (default: all)")
    asked = parser.parse_args()
    home = Path(os.environ.get("DOORWARD_HOME", ROOT / ".doorward"))
    pack = PackStore(home / "packs").open(PACK)
    persons = groups_in(asked.folder)
    photos = [(person.name, photo) for person in persons for photo in person.photos]
    arguments = {"doorward": [str(home), PACK], "opencv": [str(pack.folder)]}
    entries = tomllib.loads((Path(__file__).parent / "peers.toml").read_text("utf-8"))["peers"]
    chosen = [name for name in entries if not asked.only or name in asked.only.split(",")]
    peers = [Peer.read(name, entries[name]) for name in chosen]
    with TemporaryDirectory(prefix="frames-") as folder:
        if asked.frame:
            size_px = read_size(asked.frame)
            photos = [(person, put_in_frame(photo, size_px, Path(folder))) for person, photo in photos]
        with ExitStack() as stack:
            running = [
                stack.enter_context(answering(peer, ROOT / "build" / "peers", arguments.get(peer.name, [])))
                for peer in peers
            ]
            measured = _measure(list(zip(peers, running, strict=True)), photos)
        # The peers have ended: the limit is what the networks take alone.
        limits = model_limits(pack, photos[0][1])
    rows = compare(measured, [person for person, _ in photos])
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "hardware": hardware(),
        "photos": len(photos),
        "people": len(persons),
        "frame": asked.frame,
        "peers": [row.to_json() for row in rows],
        "benchmark_app": limits,
    }
    table = as_markdown(rows, document)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "peers.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (ROOT / "build" / "peers.md").write_text(table, "utf-8")
    print(table)
    return 0


def _measure(peers: list[tuple[Peer, Answering]], photos: list[tuple[str, Path]]) -> list[Measured]:
    measured = [Measured(peer.name, peer.title, running.version, []) for peer, running in peers]
    for _, photo in photos[:WARM_UP]:
        for _, running in peers:
            running.ask(photo)
    for number, (_, photo) in enumerate(photos):
        # Picture by picture in turns: whatever slows the machine meets all of them.
        for one, (_, running) in zip(measured, peers, strict=True):
            one.answers.append(running.ask(photo))
        sys.stderr.write(f"\r{number + 1} of {len(photos)} pictures")
    sys.stderr.write("\n")
    return measured


if __name__ == "__main__":
    sys.exit(main())
