"""`doorwardd models`: which packs there are, bring one here, check the ones that are here."""

import argparse
from pathlib import Path

from doorward_daemon.errors import Conflict, DoorwardError, ErrorReason, ExitCode
from doorward_daemon.packs.catalogue import catalogue
from doorward_daemon.packs.pull import AUTO, PullSources, pull_pack
from doorward_daemon.packs.store import PackStore
from doorward_daemon.tools.command import Subcommands
from doorward_daemon.tools.models_listing import PackState, pack_document, pack_tables, survey_packs
from doorward_daemon.tools.progress import RichProgress
from doorward_daemon.tools.report import print_json, print_tables, remark, table_of


def add_models_parser(subparsers: Subcommands) -> argparse.ArgumentParser:
    """Adds `models list|pull|verify`.

    Args:
        subparsers: what `add_subparsers` of the program returned.
    """
    parser = subparsers.add_parser("models", help="list, pull and verify model packs")
    commands = parser.add_subparsers(dest="models_command", required=True, metavar="list|pull|verify")
    _add(commands, "list", "show the packs, their licences, and where weights and training data come from")
    pull = _add(commands, "pull", "bring a pack onto this box, or mend one that is damaged")
    which = pull.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", metavar="NAME", help="pack to pull")
    which.add_argument("--auto", action="store_true", help="the active pack; on a new box the first that can be had")
    pull.add_argument("--from", dest="folder", type=Path, metavar="DIR", help="folder with the files, e.g. a USB stick")
    pull.add_argument("--offline", action="store_true", help="leave the network alone")
    verify = _add(commands, "verify", "check every file of the installed packs against its hash")
    verify.add_argument("name", nargs="?", metavar="NAME", help="pack to verify (default: every installed one)")
    return parser


def _add(commands: Subcommands, name: str, summary: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    return parser


def run_models(arguments: argparse.Namespace, home: Path, assets: Path | None) -> int:
    """Runs one of the commands; stdout holds the answer, stderr everything else.

    Args:
        arguments: parsed by the parser of `add_models_parser`.
        home: home folder of the box; packs lie in its folder packs.
        assets: development files, whose folder models is a source; None = none.

    Returns:
        The exit code.

    Raises:
        DoorwardError: the command failed; nothing was printed on stdout.
    """
    store = PackStore(home / "packs")
    if arguments.models_command == "list":
        return _list(store, as_json=arguments.json)
    if arguments.models_command == "pull":
        name = AUTO if arguments.auto else arguments.name
        sources = PullSources(folder=arguments.folder, assets=assets, offline=arguments.offline)
        return _pull(store, name, sources, as_json=arguments.json)
    return _verify(store, arguments.name, as_json=arguments.json)


def _list(store: PackStore, *, as_json: bool) -> int:
    states = survey_packs(store, catalogue())
    for state in states:
        if state.problem is not None:
            remark(state.problem.message)
    if as_json:
        print_json({"packs": [pack_document(state) for state in states]})
    else:
        print_tables(*(table for state in states for table in pack_tables(state)))
    return ExitCode.DONE


def _pull(store: PackStore, name: str, sources: PullSources, *, as_json: bool) -> int:
    with RichProgress() as progress:
        pack = pull_pack(store, name, sources, progress)
    manifest = pack.manifest
    state = PackState(manifest=manifest, installed=True, active=store.active() == manifest.name)
    if as_json:
        print_json({"pack": pack_document(state)})
    else:
        standing = "the active pack of this box" if state.active else "installed; the active pack is another"
        print(f"{manifest.name} {manifest.version} is {standing}: {pack.folder}")
    return ExitCode.DONE


def _verify(store: PackStore, name: str | None, *, as_json: bool) -> int:
    names = (name,) if name else store.installed()
    if not names:
        advice = "run `doorwardd models pull --auto`"
        raise Conflict(ErrorReason.PACK_MISSING, f"no pack is installed in {store.root}; {advice}")
    problems: list[DoorwardError] = []
    states: list[PackState] = []
    for each in names:
        try:
            manifest = store.open(each).manifest
        except DoorwardError as error:
            problems.append(error)
        else:
            states.append(PackState(manifest=manifest, installed=True, active=store.active() == each))
    for problem in problems[1:]:
        remark(problem.message)
    if problems:
        raise problems[0]
    if as_json:
        print_json({"packs": [pack_document(state) for state in states]})
    else:
        rows = [(state.manifest.name, str(len(state.manifest.models)), "as installed") for state in states]
        print_tables(table_of("Packs verified", ("pack", "models", "files"), rows))
    return ExitCode.DONE
