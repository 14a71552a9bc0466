"""A calibration of one site, measured on an operator's own photos, that replaces parts of the pack's own."""

import tomllib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import tomli_w
from pydantic import TypeAdapter, ValidationError

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.packs.durable import write_durably
from doorward_daemon.packs.manifest import InstalledPack

PROFILE_FILE = "calibration.toml"
"""Name in the home folder under which a profile is in force without being configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateInterval:
    """A number that was measured, and how far the true one may be."""

    value: float
    """As measured."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProfile:
    """Thresholds and margin of a site with what they were measured on."""

    made_on: str
    """Date, ISO 8601."""
    command: str
    """The command that made it."""
    pack: str
    """Pack it was measured with."""
    embedding_id: str
    """Its embedding space; the scores of another one mean something else."""
    n_people: int
    """People."""
    n_photos: int
    """Photos of them that the gate lets pass."""
    n_genuine: int
    """Pairs of one person."""
    n_impostor: int
    """Pairs of two people."""
    wanted_fmr: float
    """False match rate wanted of a verification."""
    wanted_fpir: float
    """False positive identification rate wanted of a search."""
    gallery_size: int
    """Subjects it was wanted for."""
    thresholds_at_fmr: tuple[tuple[float, float], ...]
    """(false match rate, comparison score) pairs, rates falling, scores rising."""
    search_threshold: float
    """Least comparison score at which a search names anybody."""
    margin: float
    """Lead over the best other subject."""
    intervals: dict[str, RateInterval] = field(default_factory=dict)
    """What was measured, by name, with its 95 % interval."""


def write_profile(path: Path, profile: SiteProfile) -> None:
    """Writes a profile; it is whole or not there.

    Raises:
        OSError: the file cannot be written.
    """
    write_durably(path, tomli_w.dumps(asdict(profile)).encode())


def read_profile(path: Path) -> SiteProfile:
    """Reads a profile.

    Raises:
        Conflict: CALIBRATION_UNUSABLE, it is not there, or is no profile of this version.
    """
    try:
        return TypeAdapter(SiteProfile).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise Conflict(
            ErrorReason.CALIBRATION_UNUSABLE,
            f"{path} is no calibration of a site that can be read: {error}; make it anew with `doorwardd calibrate "
            "DIR`, or take it away to use the pack's own calibration",
            metadata={"file": str(path)},
        ) from error


def calibrated(pack: InstalledPack, home: Path, configured: str) -> InstalledPack:
    """The pack with the calibration that is in force on this box.

    Args:
        pack: as installed.
        home: the home folder.
        configured: file of a profile, relative to the home folder; empty takes calibration.toml where it is there.

    Raises:
        Conflict: CALIBRATION_UNUSABLE, the profile cannot be read, or was measured with another pack.
    """
    path = home / (configured or PROFILE_FILE)
    if not configured and not path.is_file():
        return pack
    profile = read_profile(path)
    manifest = pack.manifest
    if profile.embedding_id != manifest.embedding_id:
        raise Conflict(
            ErrorReason.CALIBRATION_UNUSABLE,
            f"{path} was measured with {profile.embedding_id} (pack {profile.pack}), and this box runs "
            f"{manifest.embedding_id} (pack {manifest.name}), whose scores mean something else; calibrate anew with "
            "`doorwardd calibrate DIR`, or take the file away to use the pack's own calibration",
            metadata={"file": str(path), "embedding_id": profile.embedding_id, "expected": manifest.embedding_id},
        )
    calibration = replace(
        manifest.calibration,
        thresholds_at_fmr=profile.thresholds_at_fmr,
        search_threshold=profile.search_threshold,
        margin=profile.margin,
        verification_fmr=profile.wanted_fmr,
        target_fpir=profile.wanted_fpir,
        data=profile.command,
        origin=f"site {profile.made_on}",
    )
    return replace(pack, manifest=replace(manifest, calibration=calibration))
