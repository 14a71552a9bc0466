"""Writes tests/golden/doorward_api.txtpb anew after a wanted change of the contract: python tests/golden/update.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from doorward_testing.contract import GOLDEN, golden_text

if __name__ == "__main__":
    GOLDEN.write_text(golden_text(), encoding="utf-8")
