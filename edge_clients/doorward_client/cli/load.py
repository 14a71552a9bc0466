"""`doorward load`: how many pictures a second the daemon answers."""

from pathlib import Path

from doorward_api.v1.decision_pb2 import Outcome
from doorward_client.cli.answer import Answer
from doorward_client.cli.layout import card
from doorward_client.cli.picture_file import naming
from doorward_client.cli.session import Session
from doorward_client.load import LoadReport, load
from doorward_client.picture import check_readable


def run(session: Session) -> Answer:
    """`doorward load IMG`."""
    options, file = session.options, Path(session.options.image)
    check_readable(file)
    with naming(file):
        session.client.identify(file)  # a warm connection, and the error of a wrong picture before the threads
        report = load(session.client.identify, _short, file.read_bytes(), options.concurrency, options.seconds)
    return Answer(report.document(), _text(report, session))


def _short(number: int) -> str:
    return Outcome.Name(Outcome.ValueType(number)).removeprefix("OUTCOME_")


def _text(report: LoadReport, session: Session) -> str:
    times = report.latencies_ms
    spread = f"{times[0]:.1f} / {times[len(times) // 2]:.1f} ms" if times else ""
    return card(
        [
            (session.words.label("calls"), f"{len(times)}"),
            (session.words.label("calls_per_s"), f"{report.calls_per_s:.1f}"),
            (session.words.label("latency"), spread),
            (session.words.label("refused"), f"{report.refused}" if report.refused else ""),
        ]
    )
