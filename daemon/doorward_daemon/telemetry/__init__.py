"""Logs and metrics: what a running box tells about itself."""
