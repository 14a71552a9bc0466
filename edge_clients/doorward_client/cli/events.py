"""The commands about the record: events list, events watch."""

from doorward_api.v1.event_service_pb2 import ListEventsResponse, WatchEventsResponse
from doorward_client.cli.answer import Answer
from doorward_client.cli.session import Session
from doorward_client.cli.site_text import event_text, gap_text
from doorward_client.document import document_of
from doorward_client.words import Words

# The contract's largest page: a whole record in few calls.
_PAGE_SIZE = 500


def list_all(session: Session) -> Answer:
    """`doorward events list`: all pages as one response, without a next page."""
    options = session.options
    events = session.client.list_events(kind=options.kind, newest=options.newest, page_size=_PAGE_SIZE)
    whole = ListEventsResponse(events=events)
    lines = [event_text(event, session.words) for event in whole.events]
    return Answer(document_of(whole), "\n".join([*lines, session.words.label("total").format(count=len(lines))]))


def watch(session: Session) -> Answer | None:
    """`doorward events watch`: one response per line until Ctrl-C, or until nobody reads any more."""
    options = session.options
    responses = session.client.watch_events(options.cursor, only_new=options.only_new, kind=options.kind)
    for response in responses:
        if not session.emit(document_of(response), _told(response, session.words)):
            break
    return None


def _told(response: WatchEventsResponse, words: Words) -> str:
    if response.HasField("event"):
        return event_text(response.event, words)
    return gap_text(response.gap, words) if response.HasField("gap") else ""
