"""The sections about the gate: the quality score on spoiled pictures, and liveness."""

from collections.abc import Mapping, Sequence
from html import escape

from doorward_daemon.tools.evaluation.axis import Axis
from doorward_daemon.tools.evaluation.chart import Layer, Mark, histogram_chart, share_bars
from doorward_daemon.tools.evaluation.liveness import LivenessFindings, PresentationFinding
from doorward_daemon.tools.evaluation.markup import (
    decimal,
    percent,
    section,
    side_by_side,
    side_tables,
    table,
    with_interval,
)
from doorward_daemon.tools.evaluation.provenance import Provenance
from doorward_daemon.tools.evaluation.quality import CellFinding, QualityFindings
from doorward_daemon.tools.evaluation.rate import Rate

_BANDS = ("high", "medium", "low", "rejected")
_KIND_COLUMNS = ("way of spoiling", "AUROC (95 %)", "lost and rejected (95 %)", "kept", "lost", "no face")
_GROUPS = (("clean", "clean photos"), ("kept", "copies that kept it"), ("lost", "copies that lost it"))


def quality_section(found: QualityFindings, origin: Provenance) -> str:
    """The quality score."""
    kinds = [
        (
            _named(kind),
            with_interval(one.auroc, decimal),
            with_interval(one.rejected),
            *(str(count) for count in (one.n_kept, one.n_lost, one.n_no_face)),
        )
        for kind, one in found.by_kind.items()
    ]
    return section(
        "Quality",
        f"{found.n_photos} photos, {found.n_copies} spoiled copies (seed {origin.seed}). A copy kept the person where "
        f"its embedding has a cosine of at least {found.kept_cosine:g} to the clean photo's, and lost it below "
        f"{found.lost_cosine:g}; between the two "
        f"it is neither. The score tells kept from lost with an AUROC of {with_interval(found.auroc, decimal)}.",
        side_by_side(("Quality score", _scores(found, origin)), ("Shares of the bands", _bands(found))),
        _band_table(found),
        side_tables(
            f"<div><h3>Median quality by way and strength of spoiling</h3>{_grid(found.cells, origin)}</div>",
            f"<div><h3>Kept against lost, by way of spoiling</h3>{table(_KIND_COLUMNS, kinds)}</div>",
        ),
    )


def liveness_section(found: LivenessFindings) -> str:
    """Presentation attacks."""
    rows = [_presentation("bona fide: refused (BPCER)", found.bona_fide)]
    rows += [_presentation(f"{name}: passed (APCER)", one) for name, one in found.attack.items()]
    errors = [one.error.share for one in found.attack.values() if one.error is not None]
    worst = f" The system is as good as its worst species: APCER {percent(max(errors))}." if errors else ""
    return section(
        "Liveness",
        f"Single frames, policy {found.policy}; a door fuses several. In the words of ISO/IEC 30107-3.{worst}",
        table(("presentations", "error (95 %, Wilson)", "answered", "no response", "LIVE", "UNSURE", "SPOOF"), rows),
    )


def _presentation(label: str, one: PresentationFinding) -> tuple[str, ...]:
    answered = sum(one.verdicts.values())
    counts = [str(one.verdicts.get(verdict, 0)) for verdict in ("LIVE", "UNSURE", "SPOOF")]
    return label, with_interval(one.error), str(answered), str(one.n_no_response), *counts


def _scores(found: QualityFindings, origin: Provenance) -> str:
    return histogram_chart(
        "Histograms of the quality score of clean photos, copies that kept the person and copies that lost it",
        Axis("quality score", 0.0, 1.0),
        [
            Layer("lost", found.lost_histogram, "b"),
            Layer("kept", found.kept_histogram, "a"),
            Layer("clean", found.clean_histogram, "c"),
        ],
        [Mark(begin, f"{band} from {begin:g}") for band, begin in origin.bands.items()],
    )


def _bands(found: QualityFindings) -> str:
    rows = [(label, [(band, shares[band].share) for band in _BANDS]) for label, shares in _groups(found)]
    return share_bars("Shares of the bands of the quality score", rows)


def _band_table(found: QualityFindings) -> str:
    rows = [
        (label, *(with_interval(shares[band]) for band in _BANDS), str(shares["high"].trials))
        for label, shares in _groups(found)
    ]
    return table(("bands (95 %, Wilson)", *_BANDS, "pictures"), rows)


def _groups(found: QualityFindings) -> list[tuple[str, Mapping[str, Rate]]]:
    return [(label, found.bands[group]) for group, label in _GROUPS if found.bands.get(group)]


def _grid(cells: Sequence[CellFinding], origin: Provenance) -> str:
    strengths = sorted({cell.severity for cell in cells})
    known = {(cell.kind, cell.severity): cell for cell in cells}
    head = "".join(f'<th scope="col">{strength:g}</th>' for strength in strengths)
    rows = [
        f'<tr><th scope="row">{escape(_named(kind))}</th>'
        + "".join(_cell(known.get((kind, strength)), origin) for strength in strengths)
        + "</tr>"
        for kind in sorted({cell.kind for cell in cells})
    ]
    return (
        f'<div class="scroll"><table class="grid"><thead><tr><th scope="col">strength</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="aside">Large: median quality score, coloured by band. Small: share of the copies that still '
        "show the person.</p>"
    )


def _cell(cell: CellFinding | None, origin: Provenance) -> str:
    if cell is None:
        return "<td></td>"
    band = next((name for name in _BANDS[:3] if cell.median_quality >= origin.bands[name]), "rejected")
    return f'<td class="{band}"><b>{cell.median_quality:.2f}</b><small>{100 * cell.kept_share:.0f} % kept</small></td>'


def _named(kind: str) -> str:
    return kind.replace("_", " ")
