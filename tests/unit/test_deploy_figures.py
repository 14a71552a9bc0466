"""Alerts and dashboard name figures that a daemon really gives."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from doorward_daemon.telemetry import Metrics
from doorward_daemon.telemetry.gate_figures import GateFigures
from doorward_daemon.telemetry.metrics import GallerySize

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
BOARD = json.loads((DEPLOY / "grafana" / "doorward.json").read_text("utf-8"))
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [(rule["alert"], rule["expr"]) for rule in RULES] + [
    (panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]
]
# Prometheus makes `up` itself.
NAME = re.compile(r"\b(?:doorward|process)_[a-z_]+|\bup\b")
SELECTOR = re.compile(r"((?:doorward|process)_[a-z_]+|up)\{([^}]*)\}")
TARGET_LABELS = {"job", "instance"}


@pytest.fixture(scope="module")
def samples() -> dict[str, set[str]]:
    """Every figure of a daemon that has one of everything, with its labels."""
    metrics = Metrics()
    figures = GateFigures(metrics)
    metrics.watch_gallery(lambda: GallerySize(1, 1, 1))
    metrics.set_self_test(passed=True)
    metrics.set_runtime({"pack": "compact"})
    metrics.count_identification("MATCHED", "THRESHOLD_AND_MARGIN")
    metrics.count_verification("MATCHED", "THRESHOLD_AND_MARGIN")
    metrics.count_quality_reasons(["BLUR"])
    metrics.count_picture_refusal("PICTURE_EMPTY")
    metrics.count_call("Identify", "OK", 0.1)
    metrics.observe_stages([("detect", 1.0)])
    figures.count_frame("gate", 1)
    figures.set_dropped_frames("gate", 1)
    figures.count_tracks("gate", 1, 1)
    figures.count_decision("gate", "MATCHED", "IDENTIFIED")
    figures.count_unrecorded_denial("gate")
    figures.count_gate_failure("gate")
    figures.observe_decision("gate", 30.0)
    figures.observe_commit(0.001, 1)
    figures.watch_cameras(lambda: [("gate", "STREAMING", 30.0, 0)])
    figures.watch_outbox(lambda: 0, lambda: 0.0)
    figures.watch_doors(["main"], lambda door_id: (0, 0))
    figures.watch_uplink(lambda: True)
    found: dict[str, set[str]] = {"up": set()}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS)
def test_what_is_asked_for_is_given_by_a_daemon(where, expression, samples):
    names = NAME.findall(expression)
    assert names
    assert [name for name in names if name not in samples] == []
    for name, selector in SELECTOR.findall(expression):
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
        assert labels - TARGET_LABELS <= samples[name]


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS)
def test_what_is_summed_by_is_a_label_of_the_figure(where, expression, samples):
    named = {label for name in NAME.findall(expression) for label in samples[name]} | TARGET_LABELS
    grouped = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", expression) for label in labels.split(",")}
    assert grouped <= named


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS)
def test_brackets_of_expressions_are_closed(where, expression):
    for opening, closing in ("()", "[]", "{}"):
        assert expression.count(opening) == expression.count(closing)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_what_to_do(rule):
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert set(rule["annotations"]) == {"summary", "action"}


def test_the_figures_are_scraped_where_the_daemon_serves_them():
    from doorward_daemon.http import HttpSettings

    scrape = yaml.safe_load((DEPLOY / "prometheus" / "scrape.yml").read_text("utf-8"))
    (job,) = scrape["scrape_configs"]
    assert job["job_name"] == "doorward"
    assert job["static_configs"] == [{"targets": [f"127.0.0.1:{HttpSettings().port}"]}]
    assert scrape["rule_files"] == ["alerts.yml"]


def test_the_dashboard_has_what_grafana_imports():
    assert BOARD["schemaVersion"] >= 36
    assert BOARD["title"] == "Doorward"
    assert {variable["name"] for variable in BOARD["templating"]["list"]} == {"datasource", "instance"}
    numbers = [panel["id"] for panel in BOARD["panels"]]
    assert len(numbers) == len(set(numbers))


def test_the_panels_of_the_dashboard_do_not_lie_on_each_other():
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + right, place["y"] + down) for right in range(place["w"]) for down in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_prometheus_itself_takes_configuration_and_rules():
    if (promtool := shutil.which("promtool")) is None:
        pytest.skip("promtool is not on this machine")
    # The configuration names the rules: they are checked with it.
    checked = [promtool, "check", "config", str(DEPLOY / "prometheus" / "scrape.yml")]
    done = subprocess.run(checked, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} rules found" in done.stdout + done.stderr
