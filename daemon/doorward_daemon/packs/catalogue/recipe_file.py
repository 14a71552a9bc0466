"""Reads a recipe of the catalogue and fills in what follows from it."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from doorward_daemon.packs.embedding_identity import embedding_id_of
from doorward_daemon.packs.manifest import ModelRole, PackManifest
from doorward_daemon.packs.manifest_file import manifest_from
from doorward_daemon.packs.recipe import BuildStep, PackRecipe
from doorward_daemon.packs.source import SourceFile

_SOURCES: TypeAdapter[tuple[SourceFile, ...]] = TypeAdapter(tuple[SourceFile, ...])
_STEPS: TypeAdapter[tuple[BuildStep, ...]] = TypeAdapter(tuple[BuildStep, ...])


def parse_recipe(text: str) -> PackRecipe:
    """Reads one recipe; its fields are described in catalogue/README.md.

    Args:
        text: TOML.

    Raises:
        ValueError: it is no recipe (a mistake in our own package data).
    """
    raw = tomllib.loads(text)
    sources = {source.name: source for source in _SOURCES.validate_python(raw.pop("sources"))}
    archives = _SOURCES.validate_python(raw.pop("archives", []))
    steps = _STEPS.validate_python(
        [
            {"model": model["name"], "builder": model.pop("builder"), "made_from": model.pop("made_from")}
            for model in raw["models"]
        ]
    )
    for model, step in zip(raw["models"], steps, strict=True):
        model.update(_provenance([sources[name] for name in step.made_from], archives))
    manifest = manifest_from({**raw, "embedding_id": "", "source_files": tuple(sources.values())})
    return PackRecipe(manifest=_identified(manifest, steps), archives=archives, steps=steps)


def _provenance(made_from: list[SourceFile], archives: tuple[SourceFile, ...]) -> Mapping[str, Any]:
    weights = made_from[0]
    addresses = [place for source in made_from for place in _addresses(source, archives)]
    return {
        "sha256": weights.sha256,
        "size_bytes": weights.size_bytes,
        "source_sha256": weights.sha256,
        "sources": tuple(dict.fromkeys(addresses)),
    }


def _addresses(source: SourceFile, archives: tuple[SourceFile, ...]) -> list[str]:
    # A package on an index is named as a package URL, see https://github.com/package-url/purl-spec.
    holder = [archive for archive in archives if archive.name == source.archive]
    packages = [f"pkg:pypi/{archive.pip.replace('==', '@')}#{source.member}" for archive in holder if archive.pip]
    return [*source.urls, *(url for archive in holder for url in archive.urls), *packages]


def _identified(manifest: PackManifest, steps: tuple[BuildStep, ...]) -> PackManifest:
    embedder = manifest.of_role(ModelRole.EMBEDDER)[0]
    made_from = next(step.made_from for step in steps if step.model == embedder.name)
    by_name = {source.name: source.sha256 for source in manifest.source_files}
    identity = embedding_id_of(
        manifest.name, [by_name[name] for name in made_from], embedder.input, manifest.alignment, manifest.centre
    )
    return replace(manifest, embedding_id=identity)
