"""Passive presentation attack detection with the networks of a pack."""

from doorward_daemon.vision.liveness.checker import LivenessChecker, open_liveness
from doorward_daemon.vision.liveness.crop import LivenessCrop, cut_crop
from doorward_daemon.vision.liveness.screen_pattern import find_screen_pattern
from doorward_daemon.vision.liveness.settings import LivenessSettings

__all__ = ["LivenessChecker", "LivenessCrop", "LivenessSettings", "cut_crop", "find_screen_pattern", "open_liveness"]
