"""The report as one HTML page that needs nothing else: styles and charts are inside, and so are the figures as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from importlib.resources import files

from doorward_daemon.tools.evaluation.findings import Findings
from doorward_daemon.tools.evaluation.gate_sections import liveness_section, quality_section
from doorward_daemon.tools.evaluation.markup import Writer, decimal, interval, percent, section, tile
from doorward_daemon.tools.evaluation.people_sections import (
    discard_section,
    identification_section,
    verification_section,
)
from doorward_daemon.tools.evaluation.provenance import Provenance
from doorward_daemon.tools.evaluation.rate import Measured, Rate

# Nothing may be loaded or run, wherever the page is opened.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_page(found: Findings) -> str:
    """Writes the page.

    Args:
        found: what it tells.
    """
    origin = found.provenance
    style = (files(__package__) / "page.css").read_text("utf-8")
    title = f"Doorward evaluation: pack {origin.pack}"
    document = json.dumps(asdict(found), ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    return (
        "<!doctype html>\n"
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{style}</style></head><body>'
        f"<header><h1>{escape(title)}</h1><p>{escape(_subtitle(origin))}</p></header>"
        f'<main><div class="tiles">{"".join(_tiles(found))}</div>{"".join(_sections(found))}</main>'
        f'<script type="application/json" id="findings">{document}</script></body></html>\n'
    )


def _subtitle(origin: Provenance) -> str:
    return f"{origin.folder} · {origin.made_at} · {origin.runtime}, {origin.device}, {origin.precision}"


def _tiles(found: Findings) -> Iterable[str]:
    return (*_people_tiles(found), *_gate_tiles(found))


def _people_tiles(found: Findings) -> Iterable[str]:
    if found.verification is not None:
        pairs = f"{found.verification.report.n_genuine} pairs"
        yield _tile("missed at FMR 0.1 %, one to one", found.verification.fnmr_at_fmr["1e-3"], pairs)
    if found.identification is not None and found.identification.fpir is not None:
        strangers = found.identification.fpir
        yield _tile("strangers named", strangers, f"{strangers.trials} probes", is_good=strangers.share == 0.0)
    if found.identification is not None and found.identification.fnir is not None:
        people = found.identification.fnir
        yield _tile("enrolled people missed", people, f"{people.trials} probes")


def _gate_tiles(found: Findings) -> Iterable[str]:
    if found.quality is not None and found.quality.auroc is not None:
        yield _tile(
            "quality, kept against lost (AUROC)", found.quality.auroc, f"{found.quality.n_copies} copies", write=decimal
        )
    if found.quality is not None and (high := found.quality.bands["clean"].get("high")) is not None:
        yield _tile("clean photos in band high", high, f"{high.trials} photos")
    attacks = [] if found.liveness is None else [one.error for one in found.liveness.attack.values() if one.error]
    if attacks:
        worst = max(attacks, key=lambda rate: rate.share)
        yield _tile("worst attack passes", worst, f"{worst.trials} presentation{'s' if worst.trials > 1 else ''}")


def _tile(
    title: str, rate: Rate | Measured, counted: str, *, is_good: bool | None = None, write: Writer = percent
) -> str:
    share, ends = rate.share if isinstance(rate, Rate) else rate.value, interval(rate, write)
    return tile(title, write(share), f"{ends} · {counted}" if ends else counted, is_good=is_good)


def _sections(found: Findings) -> Iterable[str]:
    if found.verification is not None:
        yield verification_section(found.verification)
    if found.identification is not None:
        yield identification_section(found.identification)
    if found.quality is not None:
        yield quality_section(found.quality, found.provenance)
    if found.discard is not None:
        yield discard_section(found.discard, found.verification)
    if found.liveness is not None:
        yield liveness_section(found.liveness)
    yield _origin_section(found.provenance, found.remarks)


def _origin_section(origin: Provenance, remarks: tuple[str, ...]) -> str:
    rows = [
        ("Doorward", origin.doorward),
        ("pack", origin.pack),
        ("embedding space", origin.embedding_id),
        *((f"model {name}", sha256) for name, sha256 in origin.models.items()),
        ("runtime", f"{origin.runtime} on {origin.device}, {origin.precision}, {origin.threads} threads"),
        ("machine", ", ".join(f"{key} {value}" for key, value in origin.hardware.items())),
        ("bands", ", ".join(f"{band} from {begin:g}" for band, begin in origin.bands.items())),
        ("mask policy", origin.mask_policy),
    ]
    left_out = "".join(f"<li>{escape(remark)}</li>" for remark in remarks)
    return section(
        "How to measure this again",
        "The same command on the same pictures, pack and seed gives the same figures.",
        f"<pre><code>{escape(origin.command)}</code></pre>",
        _facts(rows),
        f"<h3>Not measured</h3><ul>{left_out}</ul>" if remarks else "",
        '<p class="aside">With --json the command prints the same figures as one document; it also stands in this '
        "page, in the element with the id findings. A rate without an error in n trials may still be 3 / n.</p>",
    )


def _facts(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows)
    return f'<div class="scroll"><table class="origin"><tbody>{cells}</tbody></table></div>'
