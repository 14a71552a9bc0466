"""`doorwardd calibrate centre DIR`: the mean of an embedding space, as the catalogue wants it."""

import argparse

from doorward_daemon.errors import ExitCode
from doorward_daemon.tools.centre import compute_centre
from doorward_daemon.tools.command import Subcommands, add_command, add_folder
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import open_pack
from doorward_daemon.tools.report import print_json, remark


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `calibrate`."""
    parser = add_command(
        commands, "centre", "averages the embeddings of many portraits, for packs that subtract a mean"
    )
    add_folder(parser, "portraits of many people, in and below DIR")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command.

    Raises:
        InvalidInput: FIELD_INVALID, the folder cannot be read or shows no face.
        Conflict: PACK_MISSING, PACK_DAMAGED.
    """
    centre = compute_centre(arguments.folder, open_pack(context, arguments.pack), context)
    remark(f"{centre.n_faces} faces in {centre.n_images} photos")
    if arguments.json:
        print_json({"n_images": centre.n_images, "n_faces": centre.n_faces, "centre": list(centre.values)})
    else:
        print(centre.as_toml())
    return ExitCode.DONE
