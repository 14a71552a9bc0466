"""A pack as the catalogue knows it: what it will be, and from which files each model is built."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from doorward_daemon.packs.file_identity import FileIdentity
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.packs.source import SourceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStep:
    """How one model comes about."""

    model: str
    """Name of the model."""
    builder: str
    """Name of its builder, a key of build.BUILDERS."""
    made_from: tuple[str, ...]
    """Names of its source files; the one that holds the weights first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRecipe:
    """A pack that can be pulled."""

    manifest: PackManifest
    """What the pack will say about itself; sha256 and size of models are those of their source."""
    archives: tuple[SourceFile, ...]
    """Archives that hold some of the manifest's source files."""
    steps: tuple[BuildStep, ...]
    """One step per model, in the order of the manifest's models."""

    def source(self, name: str) -> SourceFile:
        """The source file of that name."""
        return next(source for source in self.manifest.source_files if source.name == name)

    def finished(self, built: Mapping[str, FileIdentity]) -> PackManifest:
        """The manifest of the pack once its models are built.

        Args:
            built: identity of the built file by model name.
        """
        models = tuple(
            replace(model, sha256=built[model.name].sha256, size_bytes=built[model.name].size_bytes)
            for model in self.manifest.models
        )
        return replace(self.manifest, models=models)
