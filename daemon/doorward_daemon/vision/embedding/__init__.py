"""Turns aligned crops into comparable templates."""

from doorward_daemon.vision.embedding.embedder import Embedder, open_embedder

__all__ = ["Embedder", "open_embedder"]
