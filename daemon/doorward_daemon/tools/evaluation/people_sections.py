"""The sections about telling people apart: one to one, one to many, error versus discard."""

from doorward_daemon.tools.evaluation.axis import Axis
from doorward_daemon.tools.evaluation.chart import Layer, Line, Mark, histogram_chart, line_chart
from doorward_daemon.tools.evaluation.discard import DiscardFindings
from doorward_daemon.tools.evaluation.identification import IdentificationFindings
from doorward_daemon.tools.evaluation.markup import (
    decimal,
    percent,
    section,
    side_by_side,
    side_tables,
    table,
    with_interval,
)
from doorward_daemon.tools.evaluation.verification import VerificationFindings
from doorward_daemon.tools.statistics import EdcPoint


def verification_section(found: VerificationFindings) -> str:
    """One to one."""
    report = found.report
    rates = [
        (name, f"{report.threshold_at_fmr[name]:.4f}", with_interval(found.fnmr_at_fmr[name]))
        for name in found.fnmr_at_fmr
    ]
    summary = [
        ("area under the ROC", with_interval(found.auc, decimal)),
        ("equal error rate", with_interval(found.eer)),
        ("balanced accuracy at the best threshold of this set", percent(report.balanced_accuracy)),
        ("failed to enrol", f"{report.n_failed_to_enrol} of {report.n_images} photos"),
    ]
    return section(
        "One to one",
        f"All pairs of {report.n_images} photos of {found.n_persons} persons: {report.n_genuine} of one person, "
        f"{report.n_impostor} of two. The gate is off. Intervals: 95\u00a0%, people drawn anew 200 times.",
        side_by_side(("Detection error trade-off", _det(found)), ("Comparison scores", _scores(found))),
        side_tables(
            table(("false match rate", "threshold", "false non-match rate (95 %)"), rates),
            table(("measure", "figure (95 %)"), summary),
        ),
    )


def identification_section(found: IdentificationFindings) -> str:
    """One to many."""
    report = found.report
    rows = [
        ("strangers named (FPIR)", with_interval(found.fpir), str(report.n_nonmated)),
        ("enrolled people missed (FNIR)", with_interval(found.fnir), str(report.n_mated)),
        ("closest is the right one (rank 1)", with_interval(found.rank1), str(report.n_mated)),
    ]
    splits = [
        (f"{split.enrolled} persons", str(split.subjects), str(split.references), f"{split.threshold:.4f}",
         percent(split.fpir), percent(split.fnir), percent(split.rank1))
        for split in report.splits
    ]  # fmt: skip
    return section(
        "One to many, with strangers",
        "Half of the people are enrolled with three photos, the other half are strangers; then the halves swap. The "
        f"gate is on, threshold and margin ({report.margin:.3f}) are the pack's own.",
        side_tables(
            table(("measure", "both halves (95 %, Wilson)", "probes"), rows),
            table(("enrolled", "subjects", "references", "threshold", "FPIR", "FNIR", "rank 1"), splits),
        ),
    )


def discard_section(found: DiscardFindings, clean: VerificationFindings | None) -> str:
    """Error versus discard."""
    rows = [
        (
            f"{100 * point.discard:.0f}\u00a0%",
            percent(point.fnmr),
            f"{percent(low)} to {percent(high)}",
            percent(best.fnmr),
        )
        for point, low, high, best in zip(found.quality, found.low, found.high, found.oracle, strict=True)
    ]
    charts = [("Spoiled copies", _discard_chart(found))]
    if clean is not None:
        charts.append(("Clean photos only", _edc_chart(clean.report.edc)))
    return section(
        "Error versus discard",
        f"Every spoiled copy against the other clean photos of its person: {found.n_pairs} comparisons of "
        f"{found.n_persons} persons at threshold {found.threshold:.4f}. The pairs of lowest quality are thrown away "
        "first. The oracle knows how much of the clean photo each copy kept: no gate can.",
        side_by_side(*charts),
        table(("discarded", "false non-match rate", "95 %", "oracle"), rows),
    )


def _det(found: VerificationFindings) -> str:
    floor = 0.5 / found.report.n_genuine
    points = [(point.fmr, max(floor, point.fnmr)) for point in found.det]
    spread = [
        (point.fmr, max(floor, point.low), max(floor, point.high))
        for point in found.det
        if point.low is not None and point.high is not None
    ]
    return line_chart(
        "Detection error trade-off: false non-match rate over false match rate, both logarithmic",
        Axis("false match rate", found.det[0].fmr, 1.0, is_log=True, is_share=True),
        Axis("false non-match rate", floor, 1.0, is_log=True, is_share=True),
        [Line("this set, 95 % shaded", points, "a", spread)],
        [Mark(1e-3, "FMR 0.1 %")] if found.det[0].fmr < 1e-3 else [],
    )


def _scores(found: VerificationFindings) -> str:
    low, high = found.score_range
    threshold = found.report.threshold_at_fmr["1e-3"]
    return histogram_chart(
        "Histograms of comparison scores of pairs of one person and of two persons",
        Axis("comparison score", low, high),
        [
            Layer("pairs of two persons", found.impostor_histogram, "b"),
            Layer("pairs of one person", found.genuine_histogram, "a"),
        ],
        [Mark(threshold, f"threshold at FMR 0.1 %: {threshold:.3f}")],
    )


def _discard_chart(found: DiscardFindings) -> str:
    spread = [(point.discard, low, high) for point, low, high in zip(found.quality, found.low, found.high, strict=True)]
    lines = [
        Line("quality score, 95 % shaded", _points(found.quality), "a", spread),
        Line("oracle", _points(found.oracle), "b"),
        Line("nothing to choose by", [(0.0, found.quality[0].fnmr), (0.5, found.quality[0].fnmr)], "c"),
    ]
    return _edc(lines, max([found.quality[0].fnmr, *found.high]))


def _edc_chart(edc: tuple[EdcPoint, ...]) -> str:
    return _edc([Line("quality score", _points(edc), "a")], edc[0].fnmr)


def _edc(lines: list[Line], highest: float) -> str:
    return line_chart(
        "False non-match rate of what is left over the share of comparisons discarded",
        Axis("share discarded", 0.0, 0.5, is_share=True),
        Axis("false non-match rate", 0.0, max(0.01, 1.05 * highest), is_share=True),
        lines,
    )


def _points(edc: tuple[EdcPoint, ...]) -> list[tuple[float, float]]:
    return [(point.discard, point.fnmr) for point in edc]
