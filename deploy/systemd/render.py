"""Renders the systemd units: `render.py --bin /opt/doorward/bin --home /var/lib/doorward FOLDER`."""

import argparse
import sys
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent


def render(template: str, bin_folder: Path, home: Path) -> str:
    """Puts the folders into one template.

    Args:
        template: text with @BIN@ and @HOME@.
        bin_folder: where the commands are installed.
        home: DOORWARD_HOME of the service.

    Raises:
        ValueError: a folder is not absolute, or a placeholder is left.
    """
    for folder in (bin_folder, home):
        if not folder.is_absolute():
            raise ValueError(f"{folder}: systemd wants absolute paths")
    text = template.replace("@BIN@", str(bin_folder)).replace("@HOME@", str(home))
    # @system-service is systemd's own set of system calls.
    if "@" in text.replace("@system-service", ""):
        raise ValueError("a placeholder is left in the unit")
    return text


def main() -> int:
    """Renders all units into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, default=Path(sys.executable).parent, help="where the commands are")
    parser.add_argument("--home", type=Path, default=Path("/var/lib/doorward"), help="DOORWARD_HOME of the service")
    parser.add_argument("folder", type=Path, help="where to, e.g. /etc/systemd/system")
    arguments = parser.parse_args()
    for template in sorted(TEMPLATES.glob("*.service.in")):
        unit = arguments.folder / template.name.removesuffix(".in")
        unit.write_text(render(template.read_text("utf-8"), arguments.bin, arguments.home), encoding="utf-8")
        print(unit)
    return 0


if __name__ == "__main__":
    sys.exit(main())
