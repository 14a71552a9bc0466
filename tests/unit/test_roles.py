"""The table of roles says what the contract says, for every method that is served."""

import re

import grpc

from doorward_daemon.rpc.roles import METHOD_RULES, Role, Work
from doorward_testing.contract import AT_THE_CENTRE, contract, items
from doorward_testing.rpc_stage import open_stage

OURS = {method: rule for method, rule in METHOD_RULES.items() if method.startswith("/doorward_api")}


def promised_roles() -> dict[str, str]:
    found = {}
    for item in items():
        if item.kind == "rpc" and item.name.split(".")[-2] not in AT_THE_CENTRE:
            service, method = item.name.rsplit(".", 1)
            role = re.search(r"Role: (\w+)\.", item.comment)
            found[f"/{service}/{method}"] = role.group(1) if role else "none"
    return found


def test_every_method_asks_for_the_role_that_its_comment_promises():
    assert {method: rule.role.word for method, rule in OURS.items()} == promised_roles()


def test_roles_grow_from_viewer_to_admin():
    assert [role.word for role in sorted(Role)] == ["viewer", "operator", "enroller", "admin"]


def test_whoever_sends_a_picture_waits_in_the_line_of_recognition():
    with_pictures = {
        f"/{file.package}.{service.name}/{method.name}"
        for file in contract().file
        for service in file.service
        for method in service.method
        if service.name not in AT_THE_CENTRE and _takes_picture(file, method.input_type)
    }
    heavy = {method for method, rule in OURS.items() if rule.work is Work.RECOGNITION}
    assert heavy == with_pictures | {"/doorward_api.v1.DeviceService/RunSelfTest"}


def test_every_service_that_is_served_is_in_the_table():
    ours = {service.name for file in contract().file for service in file.service} - AT_THE_CENTRE
    assert {method.split("/")[1].rsplit(".", 1)[1] for method in OURS} == ours


def test_whoever_stays_waits_in_no_line():
    streams = {
        f"/{file.package}.{service.name}/{method.name}"
        for file in contract().file
        for service in file.service
        for method in service.method
        if method.server_streaming and service.name not in AT_THE_CENTRE
    }
    assert {method for method, rule in OURS.items() if rule.work is Work.STREAM} == streams


async def test_every_method_of_the_table_is_served(tmp_path):
    async with open_stage(tmp_path) as stage, stage.client("admin") as client:
        calls = {method: client.channel.unary_unary(method)(b"\xff") for method in OURS}
        codes = {method: await call.code() for method, call in calls.items()}
    assert [method for method, code in codes.items() if code is grpc.StatusCode.UNIMPLEMENTED] == []


def _takes_picture(file, input_type) -> bool:
    request = next(message for message in file.message_type if input_type.endswith(f".{message.name}"))
    return any(field.type_name == ".doorward_api.v1.Picture" for field in request.field)
