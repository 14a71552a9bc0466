"""Health and metrics over HTTP on loopback."""

from doorward_daemon.http.server import HttpServer, Readiness, open_http
from doorward_daemon.http.settings import HttpSettings

__all__ = ["HttpServer", "HttpSettings", "Readiness", "open_http"]
