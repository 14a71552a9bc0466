"""`make bench`: runs every measurement of this machine and writes one table, as Markdown and as JSON."""

import json
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from table import Row, as_markdown, rows_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LONGEST_RUN_S = 600


def main() -> int:
    """Measures.

    Returns:
        0; 1 where a measurement failed or a ratio left its limit.
    """
    runs = tomllib.loads((HERE / "runs.toml").read_text("utf-8"))["runs"]
    wanted = sys.argv[1:] or list(runs)
    unknown = [name for name in wanted if name not in runs]
    if unknown:
        sys.stderr.write(f"bench: no measurement {', '.join(unknown)}; known: {', '.join(runs)}\n")
        return 2
    documents = {name: _run(runs[name]) for name in wanted}
    figures = tomllib.loads((HERE / "figures.toml").read_text("utf-8"))["figures"]
    rows = rows_of([figure for figure in figures if figure["bench"] in documents], documents)
    measured = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "hardware": _hardware(documents)}
    _write(measured, documents, rows)
    failed = [name for name, document in documents.items() if "error" in document]
    left = [row for row in rows if not row.holds]
    for name in failed:
        sys.stderr.write(f"bench {name}: {documents[name]['error']}\n")
    for row in left:
        sys.stderr.write(f"bench {row.bench}: {row.title}: {row.value:g}, expected {row.limit}\n")
    return 1 if failed or left else 0


def _run(arguments: list[str]) -> dict[str, Any]:
    sys.stderr.write(f"== doorwardd bench {' '.join(arguments)}\n")
    command = [str(Path(sys.executable).parent / "doorwardd"), "bench", *arguments, "--json"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=LONGEST_RUN_S)
        document: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError) as error:
        return {"error": f"no document came: {error}"}
    return document


def _hardware(documents: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return next((document["hardware"] for document in documents.values() if "hardware" in document), {})


def _write(measured: dict[str, Any], documents: dict[str, dict[str, Any]], rows: list[Row]) -> None:
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    table = as_markdown(rows, measured)
    whole = {**measured, "figures": [row.to_json() for row in rows], "documents": documents}
    (build / "bench.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", "utf-8")
    (build / "bench.md").write_text(table, "utf-8")
    print(table)


if __name__ == "__main__":
    sys.exit(main())
