"""Whether anything moved between two frames of one camera, at a fiftieth of the cost of looking for faces."""

from doorward_daemon.vision.motion.gauge import MotionGauge

__all__ = ["MotionGauge"]
