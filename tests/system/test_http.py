"""Health and metrics over a real HTTP server on loopback."""

import socket

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import TypeAdapter, ValidationError

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.http import HttpSettings, Readiness, open_http
from doorward_daemon.telemetry import Metrics

ANY_PORT = HttpSettings(port=0)


def ready() -> Readiness:
    return Readiness()


@pytest.fixture
async def web():
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_living_process_is_healthy_even_when_it_is_not_ready(web):
    async with (
        open_http(ANY_PORT, lambda: Readiness(("the daemon is starting",)), Metrics()) as server,
        web.get(f"{server.url}/healthz") as answer,
    ):
        assert answer.status == 200
        assert await answer.json() == {"status": "ok"}


async def test_readiness_says_why_not_and_changes_as_the_device_does(web):
    reasons = ["the self-test fails: boxes (off by 3 px)", "the gallery cannot be read"]
    async with open_http(ANY_PORT, lambda: Readiness(tuple(reasons)), Metrics()) as server:
        async with web.get(f"{server.url}/readyz") as answer:
            assert answer.status == 503
            assert await answer.json() == {"ready": False, "reasons": reasons}
        reasons.clear()
        async with web.get(f"{server.url}/readyz") as answer:
            assert answer.status == 200
            assert await answer.json() == {"ready": True, "reasons": []}


async def test_metrics_are_what_prometheus_reads(web):
    metrics = Metrics()
    metrics.count_identification("MATCHED", "THRESHOLD_AND_MARGIN")
    async with (
        open_http(ANY_PORT, ready, metrics) as server,
        web.get(f"{server.url}/metrics") as answer,
    ):
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        families = {family.name for family in text_string_to_metric_families(await answer.text())}
    assert {"doorward_identifications", "process_resident_memory_bytes"} <= families


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("POST", "/healthz", 405), ("PUT", "/x", 404)]
)
async def test_there_is_nothing_else_to_find(web, method, path, status):
    async with (
        open_http(ANY_PORT, ready, Metrics()) as server,
        web.request(method, f"{server.url}{path}", data=b"x" * 5000) as answer,
    ):
        assert answer.status == status


async def test_a_taken_port_is_one_typed_error_that_names_it():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Conflict) as refused:
            async with open_http(HttpSettings(port=port), ready, Metrics()):
                pass
    assert refused.value.reason is ErrorReason.LISTENER_UNAVAILABLE
    assert refused.value.metadata["address"] == f"127.0.0.1:{port}"
    assert "http.port" in refused.value.message


async def test_the_port_is_free_again_afterwards():
    async with open_http(ANY_PORT, ready, Metrics()) as server:
        port = int(server.url.rsplit(":", 1)[1])
    async with open_http(HttpSettings(port=port), ready, Metrics()) as again:
        assert again.url == server.url


async def test_switched_off_it_listens_nowhere():
    async with open_http(HttpSettings(enabled=False), ready, Metrics()) as server:
        assert server.url == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_a_host_beyond_loopback_is_refused_by_the_settings(host):
    with pytest.raises(ValidationError):
        TypeAdapter(HttpSettings).validate_python({"host": host})
