"""Logs and metrics: what a running box tells about itself."""

from doorward_daemon.telemetry.log import LogSettings, open_log
from doorward_daemon.telemetry.metrics import GallerySize, Metrics
from doorward_daemon.telemetry.request_id import current_request_id, request_in_hand

__all__ = ["GallerySize", "LogSettings", "Metrics", "current_request_id", "open_log", "request_in_hand"]
