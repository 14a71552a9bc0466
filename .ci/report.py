"""Counts a test report and compares its skips with the committed list: `report.py REPORT` prints "PASSED FAILED"."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ALLOWED_SKIPS = Path(__file__).with_name("allowed-skips.txt")


def main(report: Path) -> int:
    """Prints the counts; a skip for a reason that is not on the list counts as a failure."""
    if not report.is_file():
        print("0 1")
        return 1
    cases = list(ElementTree.parse(report).getroot().iter("testcase"))
    # A failure that is expected and known (xfail, strict) is reported in the same place; it is no skip.
    skips = [
        # Of a module that is skipped whole, the message says nothing and the text has the reason.
        (case.get("name"), f"{skip.get('message', '')} {skip.text or ''}".strip())
        for case in cases
        for skip in case.findall("skipped")
        if skip.get("type") != "pytest.xfail"
    ]
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    allowed = [line for line in ALLOWED_SKIPS.read_text().splitlines() if line and not line.startswith("#")]
    surprises = [(name, why) for name, why in skips if not any(part in why for part in allowed)]
    for name, why in surprises:
        print(f"skipped for a reason that is not in {ALLOWED_SKIPS.name}: {name}: {why}", file=sys.stderr)
    print(len(cases) - len(skips) - failed, failed + len(surprises))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
