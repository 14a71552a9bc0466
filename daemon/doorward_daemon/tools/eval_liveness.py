"""`doorwardd eval liveness DIR`: how often attacks pass and living people do not (ISO/IEC 30107-3)."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.errors import Conflict, ErrorReason, InvalidInput
from doorward_daemon.inference import Runtime
from doorward_daemon.model.liveness import LivenessPolicy, LivenessVerdict
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import opened_runtime, running_pack
from doorward_daemon.tools.photo_folder import bad_folder, groups_in, photos_below
from doorward_daemon.tools.presentations import BONA_FIDE, Presentation, Watch, present_folders, present_recaptured
from doorward_daemon.tools.report import percent, print_json, print_tables, remark, table_of
from doorward_daemon.tools.statistics import bpcer_at_apcer, clopper_pearson_interval
from doorward_daemon.vision.detection import open_detector
from doorward_daemon.vision.liveness import open_liveness

_APCERS = {"bpcer10": 0.1, "bpcer20": 0.05}
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    policy: str
    """What counted as passing: required = only LIVE, preferred = anything but SPOOF."""
    recapture_seed: int | None
    """Seed of the attacks that were made; None for attacks of a folder."""
    bpcer: float | None
    """Share of bona fide presentations that did not pass."""
    bpcer_interval: Interval | None
    """Exact 95 % interval of it."""
    apcer: Mapping[str, float]
    """Per species, share of attack presentations that passed."""
    apcer_interval: Mapping[str, Interval]
    """Exact 95 % interval of each."""
    apcer_max: float | None
    """The largest one: what the system is worth."""
    worst_species: str
    """The species it was reached with; empty without any."""
    bpcer10: float | None
    """Share of bona fide presentations refused where no species passes more than 10 % of the time; by score alone."""
    bpcer20: float | None
    """The same at 5 %."""
    verdicts: Mapping[str, Mapping[str, int]]
    """Per species, and for bona_fide: how often each verdict was given."""
    n_bona_fide: int
    """Bona fide presentations answered."""
    n_attack: int
    """Attack presentations answered."""
    n_by_species: Mapping[str, int]
    """The same per species."""
    n_no_response: int
    """Presentations without a face or that could not be read; in no rate."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `eval`."""
    parser = add_command(commands, "liveness", "counts attacks that pass and living people that do not")
    add_folder(parser, "DIR/bona_fide/photo and DIR/attack/species/photo; with --recapture, any portraits")
    choices = [LivenessPolicy.REQUIRED.value, LivenessPolicy.PREFERRED.value]
    parser.add_argument("--policy", choices=choices, default=LivenessPolicy.PREFERRED.value, help="what passes")
    parser.add_argument(
        "--recapture", action="store_true", help="make the attacks: show the portraits on paper and screens"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the attacks that are made (default: 0)")
    parser.add_argument(
        "--jpeg", type=int, default=0, metavar="Q", help="with --recapture, a camera that sends JPEG of quality Q"
    )
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder does not hold what is needed, or no such quality of JPEG.
        Conflict, Fault: the pack cannot be opened, or has no liveness models.
    """
    if arguments.jpeg and not arguments.recapture:
        raise InvalidInput(
            ErrorReason.FIELD_INVALID, "--jpeg: only with --recapture; photos of attacks stay as they are"
        )
    if not 0 <= arguments.jpeg <= 100:
        raise InvalidInput(ErrorReason.FIELD_INVALID, f"--jpeg: expected a quality of 1..100, found {arguments.jpeg}")
    photos = photos_below(arguments.folder if arguments.recapture else arguments.folder / "bona_fide")
    species = [] if arguments.recapture else groups_in(arguments.folder / "attack")
    if not species and not arguments.recapture:
        raise bad_folder(arguments.folder / "attack", "holds no photo; expected DIR/attack/species/photo")
    with opened_runtime(context) as runtime:
        pack = running_pack(context, arguments.pack, runtime)
        watch = _open_watch(pack, runtime, context, arguments.jpeg)
        if arguments.recapture:
            remark(
                "the portraits stand for bona fide presentations; a portrait is itself no live capture by this camera"
            )
            presented = present_recaptured(watch, photos, max(0, arguments.seed))
        else:
            presented = present_folders(watch, photos, species)
    seed = max(0, arguments.seed) if arguments.recapture else None
    report = measure(pack.manifest.name, LivenessPolicy(arguments.policy), seed, presented)
    if arguments.json:
        print_json(asdict(report))
    else:
        _print(report)
    return 0


def _open_watch(pack: InstalledPack, runtime: Runtime, context: ToolContext, jpeg_quality: int) -> Watch:
    checker = open_liveness(pack, runtime, context.judging.liveness)
    if checker is None:
        raise Conflict(
            ErrorReason.PACK_MISSING,
            f"pack {pack.manifest.name} has no liveness models; name one that has with --pack",
            metadata={"pack": pack.manifest.name},
        )
    detector = open_detector(pack, runtime, context.judging.detection)
    return Watch(detector, checker, context.judging.picture, jpeg_quality)


def measure(
    pack: str, policy: LivenessPolicy, recapture_seed: int | None, presented: Sequence[Presentation]
) -> LivenessReport:
    """Counts.

    Args:
        pack: name of the pack.
        policy: what passes.
        recapture_seed: of attacks that were made; None for others.
        presented: bona fide presentations and attacks.
    """
    passed = {
        name: [passes(policy, shown.assessment.verdict) for shown in shots if shown.assessment is not None]
        for name, shots in _by_species(presented).items()
    }
    lives = passed.pop(BONA_FIDE, [])
    attacks = {name: hits for name, hits in passed.items() if hits}
    apcer = {name: sum(hits) / len(hits) for name, hits in attacks.items()}
    worst = max(apcer, key=lambda name: apcer[name], default="")
    return LivenessReport(
        pack=pack,
        policy=policy.value,
        recapture_seed=recapture_seed,
        bpcer=1 - sum(lives) / len(lives) if lives else None,
        bpcer_interval=clopper_pearson_interval(len(lives) - sum(lives), len(lives)) if lives else None,
        apcer=apcer,
        apcer_interval={name: clopper_pearson_interval(sum(hits), len(hits)) for name, hits in attacks.items()},
        apcer_max=apcer.get(worst),
        worst_species=worst,
        **{key: _bpcer_at(presented, rate) for key, rate in _APCERS.items()},
        verdicts=_verdicts(presented),
        n_bona_fide=len(lives),
        n_attack=sum(len(hits) for hits in attacks.values()),
        n_by_species={name: len(hits) for name, hits in attacks.items()},
        n_no_response=sum(shown.assessment is None for shown in presented),
    )


def passes(policy: LivenessPolicy, verdict: LivenessVerdict) -> bool:
    """Whether a presentation counts as bona fide under a policy."""
    if policy is LivenessPolicy.REQUIRED:
        return verdict is LivenessVerdict.LIVE
    return verdict is not LivenessVerdict.SPOOF


def _by_species(presented: Sequence[Presentation]) -> dict[str, list[Presentation]]:
    groups: dict[str, list[Presentation]] = {}
    for shown in presented:
        groups.setdefault(shown.species, []).append(shown)
    return groups


def _verdicts(presented: Sequence[Presentation]) -> dict[str, dict[str, int]]:
    counted = {}
    for name, shots in _by_species(presented).items():
        given = [shown.assessment.verdict for shown in shots if shown.assessment is not None]
        kinds = (LivenessVerdict.LIVE, LivenessVerdict.UNSURE, LivenessVerdict.SPOOF)
        counted[name or "bona_fide"] = {kind.value: given.count(kind) for kind in kinds}
    return counted


def _bpcer_at(presented: Sequence[Presentation], apcer: float) -> float | None:
    scores: dict[str, NDArray[np.float64]] = {}
    for name, shots in _by_species(presented).items():
        given = [shown.assessment.score for shown in shots if shown.assessment and shown.assessment.score is not None]
        scores[name] = np.asarray(given, np.float64)
    lives = scores.pop(BONA_FIDE, np.zeros(0))
    attacks = {name: found for name, found in scores.items() if len(found)}
    return bpcer_at_apcer(lives, attacks, apcer) if len(lives) else None


def _print(report: LivenessReport) -> None:
    rows = [("bona fide refused (BPCER)", percent(report.bpcer), _ends(report.bpcer_interval), f"{report.n_bona_fide}")]
    rows += [
        (f"{name} passed (APCER)", percent(share), _ends(report.apcer_interval[name]), f"{report.n_by_species[name]}")
        for name, share in report.apcer.items()
    ]
    rows += [
        (f"worst species: {report.worst_species}", percent(report.apcer_max), "", ""),
        ("BPCER at APCER 10 % (BPCER10)", percent(report.bpcer10), "", ""),
        ("BPCER at APCER 5 % (BPCER20)", percent(report.bpcer20), "", ""),
        ("no response", "", "", f"{report.n_no_response}"),
    ]
    title = f"Liveness, pack {report.pack}, policy {report.policy}"
    print_tables(table_of(title, ("measure", "share", "95 % interval", "presentations"), rows))


def _ends(interval: Interval | None) -> str:
    return "-" if interval is None else f"{interval[0]:.1%} to {interval[1]:.1%}"
