"""Measurable quality of a face: components of ISO/IEC 29794-5 that five landmarks and an aligned crop allow."""

from doorward_daemon.vision.quality.component import ComponentName, logistic
from doorward_daemon.vision.quality.head_pose import HeadPose, estimate_head_pose
from doorward_daemon.vision.quality.measurement import measure_components

__all__ = ["ComponentName", "HeadPose", "estimate_head_pose", "logistic", "measure_components"]
