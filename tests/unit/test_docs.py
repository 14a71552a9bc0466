"""The documents say what the product does: every setting, reason, method and command stands in them."""

from pathlib import Path

from doorward_api.v1 import (
    access_service_pb2,
    attendance_service_pb2,
    camera_service_pb2,
    device_service_pb2,
    error_reason_pb2,
    event_service_pb2,
    gallery_service_pb2,
    recognition_service_pb2,
)
from doorward_daemon.config import Settings
from doorward_daemon.tools.check_config import REFERENCE_HEAD
from doorward_daemon.tools.settings_reference import settings_reference

DOCS = Path(__file__).resolve().parents[2] / "docs"
SERVICES = (
    recognition_service_pb2,
    gallery_service_pb2,
    device_service_pb2,
    event_service_pb2,
    camera_service_pb2,
    access_service_pb2,
    attendance_service_pb2,
)


def test_the_configuration_reference_is_what_the_settings_are():
    written = (DOCS / "configuration.md").read_text("utf-8")
    assert written == f"{REFERENCE_HEAD}\n{settings_reference(Settings)}", (
        "run `doorwardd check-config --reference > docs/configuration.md`"
    )


def test_every_setting_has_a_meaning():
    rows = [line for line in settings_reference(Settings).splitlines() if line.startswith("| `")]
    assert len(rows) > 30
    assert [row for row in rows if row.endswith("|  |")] == []


def test_every_method_of_the_contract_is_in_the_clients_guide():
    guide = (DOCS / "clients.md").read_text("utf-8")
    methods = [
        method.name
        for module in SERVICES
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    ]
    assert [method for method in methods if method not in guide] == []


def test_every_reason_is_in_the_clients_guide():
    guide = (DOCS / "clients.md").read_text("utf-8")
    names = [name.removeprefix("ERROR_REASON_") for name in error_reason_pb2.ErrorReason.keys()]  # noqa: SIM118
    assert [name for name in names if name != "UNSPECIFIED" and f"`{name}`" not in guide] == []


def test_every_recorded_decision_has_a_number_of_its_own():
    files = sorted(path for path in (DOCS / "adr").glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    titles = [path.read_text("utf-8").splitlines()[0] for path in files]
    assert [title.split(".")[0] for title in titles] == [f"# {number}" for number in range(1, len(files) + 1)]
