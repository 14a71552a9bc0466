"""`doorward-central config`, `devices group` and `command`: what they ask the desk for."""

import argparse
import asyncio
import sys
import time
import uuid
from typing import Any

from google.protobuf.message import Message

from doorward_api.v1 import centre_service_pb2, device_command_pb2
from doorward_central.desk import Desk
from doorward_central.error import CentreError
from doorward_client.document import document_of

Document = dict[str, Any]
_ASK_EVERY_S = 0.2
KINDS = {
    "open-door": device_command_pb2.COMMAND_KIND_OPEN_DOOR,
    "self-test": device_command_pb2.COMMAND_KIND_RUN_SELF_TEST,
    "restart": device_command_pb2.COMMAND_KIND_RESTART,
}
"""What can be typed, and what it means."""


async def set_config(desk: Desk, options: argparse.Namespace) -> Document:
    """{"config": {...}}, as the device is to have it, or {"group": {...}}, as its devices share it."""
    try:
        text = sys.stdin.read() if options.file == "-" else await asyncio.to_thread(_read, options.file)
    except (OSError, UnicodeDecodeError) as error:
        found = f"{options.file}: cannot be read: {error}; name a TOML file, or - for standard input"
        raise CentreError("FIELD_INVALID", found, field="file") from error
    if options.group:
        shared = centre_service_pb2.SetGroupConfigRequest(group=options.name, document_toml=text)
        return {"group": document_of((await desk.set_group_config(shared)).config)}
    request = centre_service_pb2.SetDeviceConfigRequest(device_id=options.name, document_toml=text)
    return document_of(await desk.set_config(request))


async def show_config(desk: Desk, options: argparse.Namespace) -> Document:
    """{"config": {...}}, and how the device took it, or {"group": {...}}."""
    if options.group:
        shared = centre_service_pb2.GetGroupConfigRequest(group=options.name)
        return {"group": document_of((await desk.get_group_config(shared)).config)}
    request = centre_service_pb2.GetDeviceConfigRequest(device_id=options.name)
    return document_of(await desk.get_config(request))


async def set_group(desk: Desk, options: argparse.Namespace) -> Document:
    """{"config": {...}}, as the device is to have it in its group."""
    request = centre_service_pb2.SetDeviceGroupRequest(device_id=options.device, group=options.name)
    return document_of(await desk.set_device_group(request))


async def send_command(desk: Desk, options: argparse.Namespace) -> Document:
    """{"command": {...}}, or {"commands": [...]} of the device, newest first."""
    if options.what == "list":
        return await _list(desk, options)
    request = centre_service_pb2.SendCommandRequest(
        request_id=options.id or str(uuid.uuid4()),
        device_id=options.device,
        kind=KINDS[options.what],
        door_id=options.door if options.what == "open-door" else "",
    )
    request.valid_for.FromMilliseconds(round(options.valid_s * 1000))
    given = (await desk.send_command(request)).command
    until_s = time.monotonic() + options.wait_s
    while not given.outcome and time.monotonic() < until_s:
        await asyncio.sleep(_ASK_EVERY_S)
        page = await desk.list_commands(centre_service_pb2.ListCommandsRequest(device_id=options.device))
        given = next((one for one in page.commands if one.command_id == given.command_id), given)
    return {"command": document_of(given)}


async def _list(desk: Desk, options: argparse.Namespace) -> Document:
    found: list[Message] = []
    request = centre_service_pb2.ListCommandsRequest(device_id=options.device)
    while True:
        page = await desk.list_commands(request)
        found += page.commands
        if not page.next_page_token:
            return {"commands": [document_of(command) for command in found]}
        request.page_token = page.next_page_token


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a name as it was typed
        return file.read()
