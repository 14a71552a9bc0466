"""Finds faces and their five landmarks in a picture."""

from doorward_daemon.vision.detection.detector import Detector, open_detector
from doorward_daemon.vision.detection.settings import DetectionSettings

__all__ = ["DetectionSettings", "Detector", "open_detector"]
