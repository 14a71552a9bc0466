"""What the samples of a soak are said to mean."""

import http.server
import threading

import pytest

from doorward_daemon.tools.bench_soak import Sample, summarise
from doorward_daemon.tools.exposition import read_figures, total_by


def samples(values):
    return [Sample(10.0 * (number + 1), value) for number, value in enumerate(values)]


def test_growth_is_counted_from_when_memory_had_settled():
    rising = [100.0 + number for number in range(30)] + [130.0] * 330
    report = summarise(samples(rising), settle_s=300.0)
    assert (report["minutes"], report["settled_after_minutes"]) == (60.0, 5.0)
    assert report["growth_mb"] == 0.0
    leaking = summarise(samples([100.0 + number / 10 for number in range(360)]), settle_s=300.0)
    assert leaking["growth_mb"] == pytest.approx(32.4, abs=0.5)


def test_one_high_sample_is_no_growth_and_still_told():
    report = summarise(samples([100.0] * 359 + [180.0]), settle_s=300.0)
    assert (report["growth_mb"], report["resident_max_mb"]) == (0.0, 180.0)


def test_a_short_soak_settles_after_half_of_it():
    assert summarise(samples([100.0] * 6), settle_s=300.0)["settled_after_minutes"] == 0.5


class Exposition(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'decisions_total{camera="a",outcome="MATCHED"} 2\ndecisions_total{camera="b",outcome="MATCHED"} 3\n'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object):
        pass


def test_figures_are_summed_by_a_label():
    with http.server.HTTPServer(("127.0.0.1", 0), Exposition) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        figures = read_figures(server.server_port)
    assert total_by(figures, "decisions_total", "outcome") == {"MATCHED": 5.0}
    assert total_by(figures, "decisions_total", "camera") == {"a": 2.0, "b": 3.0}
    assert total_by(figures, "absent", "camera") == {}
