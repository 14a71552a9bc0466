"""The demonstration camera: a generated gate where people, a cat and a cup turn up; the same for a seed."""

from doorward_daemon.camera.demonstration.scene import SCENES, Scene
from doorward_daemon.camera.demonstration.source import DemonstrationSource

__all__ = ["SCENES", "DemonstrationSource", "Scene"]
