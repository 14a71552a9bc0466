"""Reads the figures of a running daemon as Prometheus would."""

import http.client
from collections import defaultdict
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

Figures = Mapping[str, Mapping[tuple[tuple[str, str], ...], float]]
"""Values by the name of the sample and its labels, sorted."""


def read_figures(port: int) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Asks a daemon on loopback for its metrics.

    Args:
        port: of its health and metrics.

    Raises:
        OSError: nobody answers there.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10.0)
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode("utf-8")
    finally:
        connection.close()
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name][tuple(sorted(sample.labels.items()))] = sample.value
    return found


def total_by(figures: Figures, name: str, label: str) -> dict[str, float]:
    """Sums a figure by one of its labels.

    Args:
        figures: all there are.
        name: of the sample.
        label: whose values are told apart.
    """
    totals: dict[str, float] = defaultdict(float)
    for labels, value in figures.get(name, {}).items():
        totals[dict(labels).get(label, "")] += value
    return dict(sorted(totals.items()))
