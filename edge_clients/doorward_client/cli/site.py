"""The commands about cameras, doors, punches and the uplink."""

from pathlib import Path

from doorward_api.v1.access_service_pb2 import ListDoorsResponse
from doorward_api.v1.attendance_pb2 import PunchDirection
from doorward_api.v1.camera_service_pb2 import ListCamerasResponse
from doorward_client.cli.answer import Answer
from doorward_client.cli.layout import sections
from doorward_client.cli.picture_file import naming, write_picture
from doorward_client.cli.recognition_text import identification_text
from doorward_client.cli.session import Session
from doorward_client.cli.site_text import cameras_text, doors_text, event_text, uplink_text, view_text
from doorward_client.document import document_of
from doorward_client.picture import shown


def cameras(session: Session) -> Answer:
    """`doorward cameras`: all pages as one response."""
    response = ListCamerasResponse(cameras=session.client.list_cameras())
    return Answer(document_of(response), cameras_text(response.cameras, session.words))


def snapshot(session: Session) -> Answer:
    """`doorward snapshot CAMERA -o FILE`: the picture goes into the file, not into the document."""
    file = Path(session.options.output)
    response = session.client.get_snapshot(session.options.camera_id)
    write_picture(file, response.view.jpeg)
    response.view.ClearField("jpeg")
    return Answer(document_of(response), view_text(response.view, shown(file), session.words))


def doors(session: Session) -> Answer:
    """`doorward door list`: all pages as one response."""
    response = ListDoorsResponse(doors=session.client.list_doors())
    return Answer(document_of(response), doors_text(response.doors, session.words))


def open_door(session: Session) -> Answer:
    """`doorward door open ID`."""
    options = session.options
    response = session.client.open_door(options.door_id, duration_s=options.duration, note=options.note)
    text = sections(doors_text([response.door], session.words), event_text(response.event, session.words))
    return Answer(document_of(response), text)


def punch(session: Session) -> Answer:
    """`doorward punch IMG --in|--out`."""
    file = Path(session.options.image)
    direction = PunchDirection.Value(f"PUNCH_DIRECTION_{session.options.direction}")
    with naming(file):
        response = session.client.punch(file, direction)
    recorded = response.HasField("event")
    result = event_text(response.event, session.words) if recorded else session.words.label("not_recorded")
    return Answer(document_of(response), sections(identification_text(response.identification, session.words), result))


def uplink(session: Session) -> Answer:
    """`doorward uplink`."""
    response = session.client.get_uplink_status()
    return Answer(document_of(response), uplink_text(response, session.words))
