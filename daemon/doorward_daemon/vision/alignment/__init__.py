"""Turns a face upright into the square crop a network was trained on."""

from doorward_daemon.vision.alignment.aligner import AlignedFace, Aligner
from doorward_daemon.vision.alignment.similarity_transform import similarity_transform
from doorward_daemon.vision.alignment.template import ARCFACE_112

__all__ = ["ARCFACE_112", "AlignedFace", "Aligner", "similarity_transform"]
