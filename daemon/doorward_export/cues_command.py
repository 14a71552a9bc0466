"""`python -m doorward_export measure-cues`: which cues tell screens held close from living faces, by split people."""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from doorward_daemon.model.picture import Picture
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import opened_runtime, running_pack
from doorward_daemon.tools.report import percent, print_json, print_tables, table_of
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.detection import Detector, open_detector
from doorward_daemon.vision.recapture import Recapture, RecaptureSpecies, recapture
from doorward_export.photographs import parts_of, photo_names
from doorward_export.quality_command import assets_of
from doorward_export.screen_cues import WAYS, Pixels, measure_cues

_Values = dict[str, list[float]]
_Measured = dict[tuple[bool, str], _Values]
"""Values by cue, per (whether it is a screen, way)."""
_SHOWN = ("as it is", "jpeg 80", "half size", "out of focus")


@dataclass(frozen=True, slots=True, kw_only=True)
class CueFigures:
    """What one cue is worth; the fields are the keys of the JSON document."""

    limit: float
    """The highest value of a living face of the part `train`."""
    n_living: int
    """Looks at living faces of the part `held_out`."""
    living_above: float
    """Share of them above the limit."""
    highest_living: float
    """The highest of them."""
    screens_above: dict[str, float]
    """Share of held-out screens above the limit, by what the camera made of them."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command; photos are those of DOORWARD_ASSETS/train_faces, screens are made of them."""
    parser = commands.add_parser("measure-cues", help="measures signs of a screen that need no network")
    parser.add_argument("--photos", type=int, default=100, metavar="N", help="of each part (default: 100)")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run_in=_run)


def _run(arguments: argparse.Namespace, context: ToolContext) -> int:
    assets, part_of = assets_of(context), parts_of()
    with opened_runtime(context) as runtime:
        detector = open_detector(running_pack(context, "", runtime), runtime, context.judging.detection)
        measured = {}
        for part in ("train", "held_out"):
            names = [name for name in photo_names(assets) if part_of.get(name) == part]
            chosen = names[:: max(1, len(names) // max(1, arguments.photos))]
            measured[part] = _measure(detector, [assets / "train_faces" / name for name in chosen], arguments.seed)
    train, held_out = measured["train"], measured["held_out"]
    figures = {name: _figures(name, train, held_out) for name in next(iter(train.values()))}
    if arguments.json:
        print_json({name: asdict(one) for name, one in figures.items()})
    else:
        _print(figures)
    return 0


def _measure(detector: Detector, photos: Sequence[Path], seed: int) -> _Measured:
    found: _Measured = defaultdict(lambda: defaultdict(list))
    for number, photo in enumerate(progress(photos, "Looking for screens")):
        portrait = cv2.imread(str(photo), cv2.IMREAD_COLOR)
        faces = () if portrait is None else detector.detect(np.asarray(portrait, np.uint8)).largest_first()
        if not faces:
            continue
        stolen = Picture(np.asarray(portrait, np.uint8))
        shown = recapture(stolen, faces[0], Recapture(RecaptureSpecies.SCREEN_CLOSE, 1000 * seed + number))
        for is_screen, seen in ((False, stolen.bgr_hwc), (True, shown.picture.bgr_hwc)):
            for way, change in WAYS.items():
                _add(found[is_screen, way], detector, change(seen, np.random.default_rng((seed, number))))
    return found


def _add(values: _Values, detector: Detector, seen: Pixels) -> None:
    faces = detector.detect(seen).largest_first()
    for name, value in measure_cues(seen, faces[0]).items() if faces else ():
        values[name].append(value)


def _figures(name: str, train: _Measured, held_out: _Measured) -> CueFigures:
    """Where the limit lies that no living face of the one part is above, and what it does with the other part."""
    limit = max(max(values[name]) for (is_screen, _), values in train.items() if not is_screen)
    living = np.asarray([value for (screen, _), values in held_out.items() if not screen for value in values[name]])
    screens = {way: np.asarray(values[name]) for (is_screen, way), values in held_out.items() if is_screen}
    return CueFigures(
        limit=round(limit, 3),
        n_living=len(living),
        living_above=float(np.mean(living > limit)),
        highest_living=round(float(living.max()), 3),
        screens_above={way: float(np.mean(values > limit)) for way, values in screens.items()},
    )


def _print(figures: dict[str, CueFigures]) -> None:
    rows = [
        (name, f"{one.limit:g}", percent(one.living_above), *(percent(one.screens_above[way]) for way in _SHOWN))
        for name, one in figures.items()
    ]
    title = "Held-out screens and living faces above what no living face of other people reached"
    print_tables(table_of(title, ("cue", "limit", "living", *_SHOWN), rows))
