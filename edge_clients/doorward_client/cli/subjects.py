"""The commands about enrolled subjects: list, show, rename, erase, remove-reference, not-this-person."""

from pathlib import Path

from doorward_api.v1.gallery_service_pb2 import ListSubjectsResponse
from doorward_client.cli.answer import Answer
from doorward_client.cli.picture_file import naming
from doorward_client.cli.session import Session
from doorward_client.cli.subject_text import receipt_text, subject_text, subjects_text
from doorward_client.document import document_of
from doorward_client.picture import check_readable, shown

# The contract's largest page: a whole gallery in few calls.
_PAGE_SIZE = 500


def list_all(session: Session) -> Answer:
    """`doorward subjects list`: all pages as one response, without a next page."""
    whole, token, more = ListSubjectsResponse(), "", True
    while more:
        page = session.client.list_subjects_page(token, page_size=_PAGE_SIZE)
        whole.subjects.extend(page.subjects)
        whole.total_size = page.total_size
        token, more = page.next_page_token, bool(page.next_page_token)
    return Answer(document_of(whole), subjects_text(whole, session.words))


def show(session: Session) -> Answer:
    """`doorward subjects show ID`."""
    response = session.client.get_subject(session.options.subject_id)
    return Answer(document_of(response), subject_text(response.subject, session.words))


def rename(session: Session) -> Answer:
    """`doorward subjects rename ID NAME`."""
    response = session.client.update_subject(session.options.subject_id, display_name=session.options.name)
    return Answer(document_of(response), subject_text(response.subject, session.words))


def erase(session: Session) -> Answer:
    """`doorward subjects erase ID`."""
    response = session.client.erase_subject(session.options.subject_id)
    return Answer(document_of(response), receipt_text(response.receipt, session.words))


def not_this_person(session: Session) -> Answer:
    """`doorward subjects not-this-person ID IMG..|--event SEQ`: a look-alike, who is not named ID any more."""
    options = session.options
    if options.event is not None:
        return _not_that_decision(session)
    files = [Path(name) for name in options.images]
    for file in files:
        check_readable(file)
    references, subject = [], session.client.get_subject(options.subject_id).subject
    for file in files:
        with naming(file):
            response = session.client.not_this_person(
                options.subject_id, file, allow_low_quality=options.allow_low_quality
            )
        references.append(document_of(response.reference))
        subject = response.subject
        session.note(session.words.label("negative_file").format(file=shown(file), subject=options.subject_id))
    return Answer({"subject": document_of(subject), "references": references}, subject_text(subject, session.words))


def _not_that_decision(session: Session) -> Answer:
    response = session.client.rule_out_decision(session.options.subject_id, session.options.event)
    return Answer(document_of(response), subject_text(response.subject, session.words))


def remove_reference(session: Session) -> Answer:
    """`doorward subjects remove-reference ID REF`."""
    response = session.client.remove_reference(session.options.subject_id, session.options.reference_id)
    return Answer(document_of(response), subject_text(response.subject, session.words))
