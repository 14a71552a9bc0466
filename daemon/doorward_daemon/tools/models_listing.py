"""The packs as `doorwardd models` shows them: fields of doorward_api.v1.Pack, or a table per pack."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from doorward_daemon.errors import DoorwardError
from doorward_daemon.packs.manifest import ModelEntry, PackManifest
from doorward_daemon.packs.store import PackStore

_FMR = 1e-3
_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PackState:
    """A pack this version knows, or this box has."""

    manifest: PackManifest
    """As installed where it is intact, else as the catalogue knows it."""
    installed: bool
    """Whether it is on this box."""
    active: bool
    """Whether this box runs it, unless its configuration names another one."""
    problem: DoorwardError | None = None
    """Why an installed pack does not open."""


def survey_packs(store: PackStore, known: Sequence[PackManifest]) -> tuple[PackState, ...]:
    """Looks at every pack of the catalogue and every one on this box, by name.

    Args:
        store: of this box.
        known: the catalogue.
    """
    manifests = {manifest.name: manifest for manifest in known}
    states = (_state(store, name, manifests.get(name)) for name in sorted({*manifests, *store.installed()}))
    return tuple(state for state in states if state is not None)


def _state(store: PackStore, name: str, known: PackManifest | None) -> PackState | None:
    active, installed = store.active() == name, name in store.installed()
    if not installed:
        return PackState(manifest=known, installed=False, active=active) if known else None
    try:
        return PackState(manifest=store.open(name).manifest, installed=True, active=active)
    except DoorwardError as error:
        return PackState(manifest=known, installed=True, active=active, problem=error) if known else None


def pack_document(state: PackState) -> dict[str, object]:
    """One pack in the fields of doorward_api.v1.Pack."""
    manifest = state.manifest
    return {
        "name": manifest.name,
        "version": manifest.version,
        "description": manifest.description,
        "models": [_model_document(model) for model in manifest.models],
        "embedding_id": manifest.embedding_id,
        "embedding_dimension": manifest.embedding_dimension,
        "installed": state.installed,
        "active": state.active,
        "threshold_at_fmr_1e3": dict(manifest.calibration.thresholds_at_fmr).get(_FMR, 0.0),
    }


def _model_document(model: ModelEntry) -> dict[str, object]:
    return {
        "name": model.name,
        "role": str(model.role),
        "sha256": model.sha256,
        "size_bytes": model.size_bytes,
        "licence": model.licence,
        "sources": list(model.sources),
        "training_data": model.training_data,
    }


def pack_tables(state: PackState) -> tuple[Table, Table]:
    """One pack for a person: its models with licence and training data, and where their weights come from."""
    manifest = state.manifest
    title = f"{manifest.name} {manifest.version}, {_standing(state)}\n{manifest.description}"
    table = Table(title=title, title_justify="left", header_style="", expand=True)
    for column in ("model", "role", "MiB", "licence"):
        table.add_column(column, no_wrap=column != "licence", justify="right" if column == "MiB" else "left")
    table.add_column("weights trained on", ratio=1, overflow="fold")
    origins = Table.grid(padding=(0, 1))
    origins.add_column(no_wrap=True)
    origins.add_column(overflow="fold")
    for model in manifest.models:
        table.add_row(model.name, model.role, f"{model.size_bytes / _MIB:.2f}", model.licence, model.training_data)
        origins.add_row(f"{model.name}:", _origin(model))
    origins.add_row("embedding:", f"{manifest.embedding_id}, {manifest.embedding_dimension} numbers\n")
    return table, origins


def _origin(model: ModelEntry) -> str:
    first, *others = model.sources
    return f"{first} and {len(others)} more" if others else first


def _standing(state: PackState) -> str:
    if state.problem is not None:
        return f"installed, {state.problem.reason}"
    words = ["installed" if state.installed else "not installed", *(["active"] if state.active else [])]
    return ", ".join(words)
