"""Building the model files of a pack from the files their authors publish."""

from doorward_daemon.packs.build.builder import BUILDERS, BuildRequest, ModelBuilder, builder_of, wrong_source

__all__ = ["BUILDERS", "BuildRequest", "ModelBuilder", "builder_of", "wrong_source"]
