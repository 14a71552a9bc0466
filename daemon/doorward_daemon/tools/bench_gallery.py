"""`doorwardd bench gallery`: a gallery of the centre comes into force, beside what sealing alone takes."""

import argparse
import contextlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery import FleetGallery, Gallery, GallerySettings, open_gallery
from doorward_daemon.gallery.template_cipher import TemplateCipher, TemplatePlace
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.random_chunks import random_chunks
from doorward_daemon.tools.random_gallery import random_vectors
from doorward_daemon.tools.report import print_json, print_tables, remark, table_of
from doorward_daemon.tools.search_watch import SearchWatch
from doorward_daemon.tools.statistics import Spread
from doorward_sync.gallery_state import GalleryDigest

HELD = 1000
"""Subjects in force before, which are searched until the others are."""
DIMENSION = 512
"""Numbers of a template."""
_SPACE = "random"
_QUIET_S = 1.0
_SEALED = 2000


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "gallery", "measures how a gallery of the centre comes into force")
    parser.add_argument("--subjects", type=int, default=20_000, metavar="N", help="who comes (default: 20000)")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command in a folder below the home, so that its disk is the one that is measured.

    Raises:
        DoorwardError: the disk does not take it.
    """
    folder = context.home if context.home.is_dir() else None
    with TemporaryDirectory(prefix="doorward-bench-", dir=folder) as place:
        document = measure(Path(place), max(1, arguments.subjects), context.gallery)
    print_json(document) if arguments.json else _print(document)
    return 0


def measure(folder: Path, subjects: int, settings: GallerySettings) -> dict[str, Any]:
    """Fills a gallery, and then once more while it is searched.

    Args:
        folder: on the disk to measure.
        subjects: who comes.
        settings: of the gallery.

    Raises:
        DoorwardError: the disk does not take it.
    """
    with open_gallery(folder, _SPACE, settings) as gallery:
        fleet = FleetGallery(gallery, contextlib.nullcontext, lambda receipt: None)
        remark(f"{HELD} subjects are in force")
        _take(fleet, gallery, HELD)
        quiet, busy = SearchWatch(), SearchWatch()
        with quiet.over(gallery, DIMENSION):
            time.sleep(_QUIET_S)
        remark(f"{subjects} subjects come")
        took_s = _take(fleet, gallery, subjects, busy)
        in_force = gallery.index().subjects
    rate, limit = subjects / took_s, _sealed_per_s()
    return {
        "subjects_per_s": round(rate, 1),
        "sealing_alone_subjects_per_s": round(limit, 1),
        "ratio": round(rate / limit, 3),
        "into_force_s": round(took_s, 3),
        "search_ms": Spread.of(quiet.search_ms).to_json(),
        "search_meanwhile_ms": Spread.of(busy.search_ms).to_json(),
        "longest_search_ms": round(max(busy.search_ms), 3),
        "searches": len(busy.search_ms),
        "grown_mb": round(busy.most_mb - quiet.most_mb, 1),
        "templates_mb": round(subjects * DIMENSION * 5 / 1e6, 1),
        "subjects": subjects,
        "in_force": in_force,
        "hardware": hardware(),
    }


def _take(fleet: FleetGallery, gallery: Gallery, count: int, watch: SearchWatch | None = None) -> float:
    """Takes new subjects in chunks; how long the last chunk took, seconds."""
    first = fleet.revision()
    base = GalleryDigest(fleet.digest(), gallery.index().subjects)
    took_s = 0.0
    for chunk in random_chunks(base, first, count, DIMENSION, _SPACE):
        with watch.over(gallery, DIMENSION) if watch is not None and chunk.is_last else contextlib.nullcontext():
            began_s = time.perf_counter()
            result = fleet.take_chunk(chunk)
            took_s = time.perf_counter() - began_s
        if result.problem is not None:
            raise RuntimeError(f"chunk {chunk.number} was refused: {result.problem} {result.detail}")
    return took_s


def _sealed_per_s() -> float:
    """What a gallery that is sealed at rest cannot do without: a key, a seal and its opening for each subject."""
    cipher = TemplateCipher(os.urandom(32))
    vectors = random_vectors(_SEALED, DIMENSION, seed=2)
    opened: NDArray[np.float32] = np.zeros(DIMENSION, np.float32)
    began_s = time.perf_counter()
    for number, vector in enumerate(vectors):
        place = TemplatePlace(f"subject-{number}", f"reference-{number}", _SPACE)
        wrapped_key, subject = cipher.new_subject(place.subject_id)
        sealed = subject.seal(place, vector)
        cipher.of_subject(place.subject_id, wrapped_key).open_into(place, sealed, opened)
    return _SEALED / (time.perf_counter() - began_s)


def _print(document: Mapping[str, Any]) -> None:
    rows = [
        ("subjects brought into force per second", f"{document['subjects_per_s']:.0f}"),
        ("sealing and opening their templates alone", f"{document['sealing_alone_subjects_per_s']:.0f}"),
        ("longest search meanwhile, ms", f"{document['longest_search_ms']:.1f}"),
        ("99 of 100 searches meanwhile, ms", f"{document['search_meanwhile_ms']['p99']:.1f}"),
        ("99 of 100 searches before, ms", f"{document['search_ms']['p99']:.1f}"),
        ("memory grown, MB", f"{document['grown_mb']:.0f}"),
        ("of which the templates that are searched, MB", f"{document['templates_mb']:.0f}"),
    ]
    title = f"{document['subjects']} subjects of the centre in {document['into_force_s']:.1f} s"
    print_tables(table_of(title, ("", ""), rows))
    print(document["hardware"])
