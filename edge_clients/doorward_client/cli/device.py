"""The commands about the device: status, info, packs, self-test."""

from doorward_api.v1.device_service_pb2 import ListPacksResponse
from doorward_client.cli.answer import Answer
from doorward_client.cli.device_text import info_text, packs_text, self_test_text, status_text
from doorward_client.cli.exit_code import ExitCode
from doorward_client.cli.session import Session
from doorward_client.document import document_of


def status(session: Session) -> Answer:
    """`doorward status`."""
    response = session.client.get_status()
    return Answer(document_of(response), status_text(response, session.words))


def info(session: Session) -> Answer:
    """`doorward info`."""
    response = session.client.get_info()
    return Answer(document_of(response), info_text(response, session.words))


def packs(session: Session) -> Answer:
    """`doorward packs`: all pages as one response."""
    response = ListPacksResponse(packs=session.client.list_packs())
    return Answer(document_of(response), packs_text(response, session.words))


def self_test(session: Session) -> Answer:
    """`doorward self-test`: a test that does not pass is printed like any other, and fails the command."""
    response = session.client.run_self_test()
    code = ExitCode.DONE if response.report.passed else ExitCode.INTERNAL
    return Answer(document_of(response), self_test_text(response.report, session.words), code)
