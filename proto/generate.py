"""Generates the Python code of the wire contract: the only generator, for the build hook and `make proto`."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

SHELF = Path(__file__).resolve().parent


def generate(shelf: Path = SHELF) -> Path:
    """Wipes proto/gen and compiles every contract file into it.

    Returns:
        The folder that holds the generated `doorward_api` package.

    Raises:
        RuntimeError: protoc refused a file; its own message is the text.
    """
    gen = shelf / "gen"
    shutil.rmtree(gen, ignore_errors=True)
    gen.mkdir()
    protos = sorted(path.relative_to(shelf).as_posix() for path in (shelf / "doorward_api").rglob("*.proto"))
    services = [name for name in protos if name.endswith("_service.proto")]
    _compile(shelf, ["--python_out=gen", "--mypy_out=quiet:gen"], protos)
    _compile(shelf, ["--grpc_python_out=gen", "--mypy_grpc_out=quiet:gen"], services)
    for package in (gen / "doorward_api", gen / "doorward_api" / "v1"):
        (package / "__init__.py").touch()
    (gen / "doorward_api" / "py.typed").touch()
    return gen


def _compile(shelf: Path, outputs: list[str], files: list[str]) -> None:
    # The interpreter's scripts folder first, so that protoc-gen-mypy is found without an activated environment.
    path = os.pathsep.join(
        [sysconfig.get_path("scripts"), str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    )
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I.", *outputs, *files]
    done = subprocess.run(
        command, cwd=shelf, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"protoc failed on {files}:\n{done.stderr}")


if __name__ == "__main__":
    print(generate())
