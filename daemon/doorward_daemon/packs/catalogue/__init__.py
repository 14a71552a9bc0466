"""The packs this version knows."""

from importlib import resources

from doorward_daemon.packs.catalogue.recipe_file import parse_recipe
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.packs.recipe import PackRecipe

__all__ = ["catalogue", "parse_recipe", "recipes"]


def recipes() -> tuple[PackRecipe, ...]:
    """Every pack that can be pulled, by name."""
    files = resources.files(__name__).iterdir()
    texts = {file.name: file.read_text(encoding="utf-8") for file in files if file.name.endswith(".toml")}
    return tuple(parse_recipe(texts[name]) for name in sorted(texts))


def catalogue() -> tuple[PackManifest, ...]:
    """What those packs say about themselves; sha256 and size of models are those of their upstream file."""
    return tuple(recipe.manifest for recipe in recipes())
