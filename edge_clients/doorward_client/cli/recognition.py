"""The commands that judge pictures: detect, extract, verify, identify."""

from pathlib import Path

from doorward_client.cli.answer import Answer
from doorward_client.cli.picture_file import naming
from doorward_client.cli.recognition_text import (
    detection_text,
    feature_text,
    identification_text,
    verification_text,
)
from doorward_client.cli.session import Session
from doorward_client.document import document_of


def detect(session: Session) -> Answer:
    """`doorward detect IMG`."""
    file = Path(session.options.image)
    with naming(file):
        response = session.client.detect(file)
    return Answer(document_of(response), detection_text(response, session.words))


def extract(session: Session) -> Answer:
    """`doorward extract IMG`."""
    file = Path(session.options.image)
    with naming(file):
        response = session.client.extract(file)
    return Answer(document_of(response), feature_text(response, session.words))


def identify(session: Session) -> Answer:
    """`doorward identify IMG`."""
    file = Path(session.options.image)
    with naming(file):
        response = session.client.identify(file, max_candidates=session.options.max_candidates)
    return Answer(document_of(response), identification_text(response.identification, session.words))


def verify(session: Session) -> Answer:
    """`doorward verify A B` or `doorward verify A --subject ID`."""
    options = session.options
    reference = None if options.reference is None else Path(options.reference)
    response = session.client.verify(Path(options.image), reference, subject_id=options.subject)
    return Answer(document_of(response), verification_text(response.verification, session.words))
