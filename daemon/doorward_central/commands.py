"""The query commands: what they ask the desk for, and the document they print."""

import argparse
import uuid
from typing import Any

from google.protobuf.message import Message

from doorward_api.v1 import centre_service_pb2
from doorward_central.desk import Desk
from doorward_central.template_file import read_template
from doorward_client.document import document_of

Document = dict[str, Any]


async def events(desk: Desk, options: argparse.Namespace) -> Document:
    """{"events": [...], "hints": [...]}, in the order of arrival."""
    found: list[Message] = []
    hints: list[Message] = []
    request = centre_service_pb2.ListStoredEventsRequest(
        device_id=options.device, kind=options.kind, newest=options.newest
    )
    while True:
        page = await desk.list_events(request)
        found += page.events
        hints += page.hints
        if not page.next_page_token:
            return {
                "events": [document_of(event) for event in found],
                "hints": [document_of(event) for event in hints],
            }
        request.page_token = page.next_page_token


async def show_devices(desk: Desk, options: argparse.Namespace) -> Document:
    """{"devices": [...]}, by identity."""
    del options
    found: list[Message] = []
    request = centre_service_pb2.ListDevicesRequest()
    while True:
        page = await desk.list_devices(request)
        found += page.devices
        if not page.next_page_token:
            return {"devices": [document_of(device) for device in found]}
        request.page_token = page.next_page_token


async def list_subjects(desk: Desk, options: argparse.Namespace) -> Document:
    """{"subjects": [...], "gallery_revision"}, by identity."""
    found: list[Message] = []
    request = centre_service_pb2.ListFleetSubjectsRequest(with_erased=options.with_erased)
    while True:
        page = await desk.list_subjects(request)
        found += page.subjects
        if not page.next_page_token:
            subjects = [document_of(subject) for subject in found]
            return {"subjects": subjects, "gallery_revision": page.gallery_revision}
        request.page_token = page.next_page_token


async def add_subject(desk: Desk, options: argparse.Namespace) -> Document:
    """{"subject": {...}}, created."""
    request = centre_service_pb2.CreateFleetSubjectRequest(
        request_id=str(uuid.uuid4()),
        subject_id=options.subject_id,
        display_name=options.name,
        references=[read_template(path) for path in options.from_template],
    )
    return document_of(await desk.create_subject(request))


async def erase_subject(desk: Desk, options: argparse.Namespace) -> Document:
    """{"subject": {...}}, the tombstone."""
    request = centre_service_pb2.EraseFleetSubjectRequest(request_id=str(uuid.uuid4()), subject_id=options.subject_id)
    return document_of(await desk.erase_subject(request))
