"""Findings of an evaluation that never took place, with every part filled."""

import numpy as np

from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.tools.eval_identification import IdentificationReport, Split
from doorward_daemon.tools.eval_verification import VerificationReport
from doorward_daemon.tools.evaluation.discard import DiscardFindings
from doorward_daemon.tools.evaluation.findings import Findings
from doorward_daemon.tools.evaluation.identification import IdentificationFindings
from doorward_daemon.tools.evaluation.liveness import LivenessFindings, PresentationFinding
from doorward_daemon.tools.evaluation.provenance import Provenance
from doorward_daemon.tools.evaluation.quality import CellFinding, KindFinding, QualityFindings
from doorward_daemon.tools.evaluation.rate import Measured, Rate
from doorward_daemon.tools.evaluation.verification import DetPoint, VerificationFindings
from doorward_daemon.tools.statistics import EdcPoint

EDC = tuple(EdcPoint(discard, 0.2 - 0.4 * discard) for discard in (0.0, 0.1, 0.5))


def verification() -> VerificationFindings:
    """One to one."""
    report = VerificationReport(
        pack="compact",
        n_images=12,
        n_failed_to_enrol=1,
        n_genuine=20,
        n_impostor=40,
        auc=0.99,
        eer=0.02,
        balanced_accuracy=0.98,
        fnmr_at_fmr={"1e-2": 0.05, "1e-3": 0.1},
        threshold_at_fmr={"1e-2": 0.25, "1e-3": 0.31},
        edc=EDC,
        images_per_s=12.0,
    )
    return VerificationFindings(
        report=report,
        n_persons=3,
        auc=Measured(0.99, 0.97, 1.0),
        eer=Measured(0.02),
        fnmr_at_fmr={"1e-2": Measured(0.05, 0.0, 0.2), "1e-3": Measured(0.1, 0.0, 0.3)},
        det=tuple(DetPoint(float(fmr), float(1 - fmr) / 5, 0.0, 0.4) for fmr in np.geomspace(0.025, 1, 5)),
        score_range=(-0.4, 0.9),
        genuine_histogram=(0, 1, 19),
        impostor_histogram=(30, 10, 0),
    )


def identification() -> IdentificationFindings:
    """One to many."""
    half = {"subjects": 2, "references": 6, "threshold": 0.33, "fpir": 0.0, "fnir": 0.1, "rank1": 1.0}
    splits = tuple(Split(enrolled=name, n_mated=5, n_nonmated=5, **half) for name in ("even", "odd"))  # type: ignore[arg-type] # numbers
    report = IdentificationReport(
        pack="compact", fpir=0.0, fpir_upper_95=0.28, fpir_upper_95_by_photo=0.28, fnir=0.1, fnir_upper_95=0.4,
        rank1=1.0, n_mated=10, n_nonmated=10, n_strangers_named=0, n_stranger_photos=10, n_distractors=0,
        threshold=0.33, margin=0.08, splits=splits,
    )  # fmt: skip
    return IdentificationFindings(
        report=report, fpir=Rate.counted(0, 10), fnir=Rate.counted(1, 10), rank1=Rate.counted(10, 10)
    )


def quality() -> QualityFindings:
    """The quality score."""
    bands = {band.value.lower(): Rate(0.25, 0.1, 0.5, 8) for band in QualityBand}
    return QualityFindings(
        report=None,
        n_photos=2,
        n_copies=20,
        kept_cosine=0.5,
        lost_cosine=0.3,
        auroc=Measured(0.9876, 0.98, 0.99),
        by_kind={"motion_blur": KindFinding(auroc=None, rejected=Rate.counted(3, 4), n_kept=5, n_lost=4, n_no_face=1)},
        cells=tuple(
            CellFinding(kind="motion_blur", severity=at, copies=2, median_quality=1 - at, kept_share=1 - at)
            for at in (0.2, 0.6, 1.0)
        ),
        bands={"clean": bands, "kept": bands, "lost": {}},
        clean_histogram=(0, 8),
        kept_histogram=(1, 4),
        lost_histogram=(0, 0),
    )


def findings(species: str = "print", command: str = "doorwardd report faces") -> Findings:
    """Everything."""
    attack = PresentationFinding(verdicts={"SPOOF": 9, "LIVE": 1}, n_no_response=2, error=Rate.counted(1, 10))
    bona_fide = PresentationFinding(verdicts={"LIVE": 10}, n_no_response=0, error=Rate.counted(0, 10))
    return Findings(
        provenance=provenance(command),
        remarks=("nothing was left out",),
        verification=verification(),
        identification=identification(),
        quality=quality(),
        discard=DiscardFindings(
            n_pairs=90, n_persons=3, threshold=0.31, quality=EDC, low=(0.1, 0.1, 0.0), high=(0.3, 0.2, 0.1), oracle=EDC
        ),
        liveness=LivenessFindings(policy=LivenessPolicy.PREFERRED.value, bona_fide=bona_fide, attack={species: attack}),
    )


def provenance(command: str) -> Provenance:
    """Where the figures do not come from."""
    return Provenance(
        command=command,
        folder="/faces",
        made_at="2026-11-01T12:00:00+00:00",
        doorward="0.1.0",
        pack="compact",
        embedding_id="compact-1",
        models={"yunet": "ab" * 32},
        runtime="openvino 2026.4",
        device="cpu",
        precision="f32",
        threads=2,
        hardware={"cpu": "a processor", "cores": 2},
        seed=7,
        bands={"high": 0.8, "medium": 0.6, "low": 0.4},
        mask_policy="soft",
    )
