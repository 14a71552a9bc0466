"""`doorwardd eval liveness DIR`: how often attacks pass and living people do not (ISO/IEC 30107-3)."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from doorward_daemon.errors import Conflict, ErrorReason, InvalidInput
from doorward_daemon.model.liveness import LivenessPolicy, LivenessVerdict
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import opened_runtime, running_pack
from doorward_daemon.tools.photo_folder import PhotoGroup, bad_folder, groups_in, photos_below
from doorward_daemon.tools.report import percent, print_json, print_tables, remark, table_of
from doorward_daemon.tools.survey import progress
from doorward_daemon.vision.detection import Detector, open_detector
from doorward_daemon.vision.liveness import LivenessChecker, open_liveness
from doorward_daemon.vision.picture import PictureSettings, decode_picture


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessReport:
    """What is printed; the fields are the keys of the JSON document."""

    pack: str
    """Pack that was measured."""
    policy: str
    """What counted as passing: required = only LIVE, preferred = anything but SPOOF."""
    bpcer: float | None
    """Share of bona fide presentations that did not pass."""
    apcer: Mapping[str, float]
    """Per species, share of attack presentations that passed; the largest one is the system's."""
    n_bona_fide: int
    """Bona fide presentations answered."""
    n_attack: int
    """Attack presentations answered."""
    n_no_response: int
    """Presentations without a face or that could not be read; in no rate."""


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `eval`."""
    parser = add_command(commands, "liveness", "counts attacks that pass and living people that do not")
    add_folder(parser, "DIR/bona_fide/photo and DIR/attack/species/photo")
    choices = [LivenessPolicy.REQUIRED.value, LivenessPolicy.PREFERRED.value]
    parser.add_argument("--policy", choices=choices, default=LivenessPolicy.PREFERRED.value, help="what passes")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder does not hold what is needed.
        Conflict, Fault: the pack cannot be opened, or has no liveness models.
    """
    bona_fide = photos_below(arguments.folder / "bona_fide")
    species = groups_in(arguments.folder / "attack")
    if not species:
        raise bad_folder(arguments.folder / "attack", "holds no photo; expected DIR/attack/species/photo")
    policy = LivenessPolicy(arguments.policy)
    with opened_runtime(context) as runtime:
        pack = running_pack(context, arguments.pack, runtime)
        checker = open_liveness(pack, runtime, context.judging.liveness)
        if checker is None:
            raise Conflict(
                ErrorReason.PACK_MISSING,
                f"pack {pack.manifest.name} has no liveness models; name one that has with --pack",
                metadata={"pack": pack.manifest.name},
            )
        watch = _Watch(open_detector(pack, runtime, context.judging.detection), checker, context.judging.picture)
        report = _measure(pack.manifest.name, policy, watch, bona_fide, species)
    if arguments.json:
        print_json(asdict(report))
    else:
        _print(report)
    return 0


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    detector: Detector
    checker: LivenessChecker
    picture: PictureSettings

    def verdict(self, photo: Path) -> LivenessVerdict | None:
        """What liveness says of the largest face; None where there is no face to ask about."""
        try:
            picture = decode_picture(photo.read_bytes(), self.picture)
        except (InvalidInput, OSError) as error:
            remark(f"{photo}: {error}")
            return None
        faces = self.detector.detect(picture.bgr_hwc).largest_first()
        if not faces:
            remark(f"{photo}: no face found")
            return None
        return self.checker.assess(picture.bgr_hwc, faces[0]).verdict


def _measure(
    pack: str, policy: LivenessPolicy, watch: _Watch, bona_fide: Sequence[Path], species: Sequence[PhotoGroup]
) -> LivenessReport:
    groups = [PhotoGroup("bona_fide", tuple(bona_fide)), *species]
    shots = [(number, photo) for number, group in enumerate(groups) for photo in group.photos]
    answered: list[list[bool]] = [[] for _ in groups]
    for number, photo in progress(shots, "Looking at photos"):
        verdict = watch.verdict(photo)
        if verdict is not None:
            answered[number].append(passes(policy, verdict))
    lives, attacks = answered[0], answered[1:]
    return LivenessReport(
        pack=pack,
        policy=policy.value,
        bpcer=1 - sum(lives) / len(lives) if lives else None,
        apcer={group.name: sum(hits) / len(hits) for group, hits in zip(species, attacks, strict=True) if hits},
        n_bona_fide=len(lives),
        n_attack=sum(len(hits) for hits in attacks),
        n_no_response=len(shots) - sum(len(hits) for hits in answered),
    )


def passes(policy: LivenessPolicy, verdict: LivenessVerdict) -> bool:
    """Whether a presentation counts as bona fide under a policy."""
    if policy is LivenessPolicy.REQUIRED:
        return verdict is LivenessVerdict.LIVE
    return verdict is not LivenessVerdict.SPOOF


def _print(report: LivenessReport) -> None:
    rows = [("bona fide refused (BPCER)", percent(report.bpcer), f"{report.n_bona_fide}")]
    rows += [(f"{name} passed (APCER)", percent(share), "") for name, share in report.apcer.items()]
    rows += [("attacks in all", "", f"{report.n_attack}"), ("no response", "", f"{report.n_no_response}")]
    title = f"Liveness, pack {report.pack}, policy {report.policy}"
    print_tables(table_of(title, ("measure", "share", "presentations"), rows))
