"""Groups of devices at the centre: what a device is to have of its group and of itself, and the store of before."""

import tomllib

import apsw
import pytest

from doorward_api.v1 import centre_service_pb2 as wire
from doorward_api.v1 import device_config_pb2
from doorward_central import database
from doorward_central.config_merge import merged
from doorward_central.error import CentreError
from doorward_central.sqlite_store import open_sqlite_store
from doorward_testing.sync_disks import DeviceDisk
from doorward_testing.sync_nodes import hello_of

GROUP, DEVICE = device_config_pb2.CONFIG_SOURCE_GROUP, device_config_pb2.CONFIG_SOURCE_DEVICE
SHARED = '# of all entrances\n[gate]\nlow_from = 0.4\nhigh_from = 0.8\n[log]\nlevel = "INFO"\n'
OWN = "[gate]\nlow_from = 0.5\n[liveness]\npolicy = 'off'\n"


@pytest.fixture
def store(tmp_path):
    with open_sqlite_store(tmp_path, 1 << 30) as store:
        yield store


async def share(store, text, group="entrance"):
    return dict(await store.set_group_config(wire.SetGroupConfigRequest(group=group, document_toml=text)))


async def own(store, text, device="gate-1"):
    return await store.set_config(wire.SetDeviceConfigRequest(device_id=device, document_toml=text))


async def join(store, group="entrance", device="gate-1"):
    return dict(await store.set_device_group(wire.SetDeviceGroupRequest(device_id=device, group=group)))


async def wanted(store, device="gate-1"):
    loaded = await store.greet(hello_of(device, DeviceDisk(5)), "127.0.0.1")
    return None if loaded.config is None else (loaded.config.revision, tomllib.loads(loaded.config.text))


async def test_a_device_has_what_its_group_says_and_over_it_its_own_key_by_key(store):
    await share(store, SHARED)
    await own(store, OWN)
    changed = await join(store)
    together = {
        "gate": {"low_from": 0.5, "high_from": 0.8},
        "log": {"level": "INFO"},
        "liveness": {"policy": "off"},
    }
    assert await wanted(store) == (2, together)
    assert (changed["gate-1"].revision, tomllib.loads(changed["gate-1"].text)) == (2, together)


async def test_it_shows_which_part_came_from_where(store):
    await share(store, SHARED)
    await own(store, OWN)
    await join(store)
    shown = await store.show_config("gate-1")
    assert {one.key: one.source for one in shown.origins} == {
        "gate.low_from": DEVICE,
        "gate.high_from": GROUP,
        "log.level": GROUP,
        "liveness.policy": DEVICE,
    }
    assert (shown.group, shown.group_document_toml, shown.own_document_toml) == ("entrance", SHARED, OWN)


async def test_what_one_of_them_says_alone_stays_as_it_was_written(store):
    await share(store, SHARED)
    assert (await join(store))["gate-1"].text == SHARED
    assert merged("", OWN) == OWN


async def test_a_change_of_the_group_reaches_each_of_its_devices_and_no_other_one(store):
    for device in ("gate-1", "gate-2"):
        await join(store, device=device)
    await own(store, OWN, "gate-3")
    changed = await share(store, SHARED)
    assert sorted(changed) == ["gate-1", "gate-2"]
    assert [document.revision for document in changed.values()] == [1, 1]
    assert await share(store, SHARED) == {}
    changed = await share(store, "")
    assert [(document.revision, document.text) for document in changed.values()] == [(2, ""), (2, "")]
    group = await store.show_group("entrance")
    assert (list(group.device_ids), group.document_toml) == (["gate-1", "gate-2"], "")


async def test_what_a_device_has_of_itself_hides_a_change_of_its_group(store):
    await share(store, "[gate]\nlow_from = 0.4\n")
    await own(store, "[gate]\nlow_from = 0.5\n")
    await join(store)
    before = await wanted(store)
    changed = await share(store, "[gate]\nlow_from = 0.3\n")
    assert await wanted(store) == before
    assert changed["gate-1"].revision == before[0]


async def test_a_device_is_in_one_group_at_most_and_leaves_what_it_had_of_it(store):
    await share(store, SHARED)
    await share(store, "[log]\nkeep_days = 3\n", "office")
    await join(store)
    await join(store, "office")
    assert await wanted(store) == (2, {"log": {"keep_days": 3}})
    assert list((await store.show_group("entrance")).device_ids) == []
    await join(store, "")
    assert await wanted(store) == (3, {})
    assert (await store.show_config("gate-1")).group == ""


async def test_a_group_that_says_nothing_gives_a_device_nothing(store):
    assert await join(store) == {}
    assert await wanted(store) is None
    assert (await store.show_config("gate-1")).group == "entrance"


async def test_the_group_of_a_device_stands_in_the_list_of_devices(store):
    for device in ("gate-1", "gate-2"):
        await store.greet(hello_of(device, DeviceDisk(5)), "127.0.0.1")
    await join(store)
    page = await store.list_devices(wire.ListDevicesRequest())
    assert [(one.device_id, one.group) for one in page.devices] == [("gate-1", "entrance"), ("gate-2", "")]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (lambda store: share(store, SHARED, "no name!"), "FIELD_INVALID"),
        (lambda store: share(store, SHARED, ""), "FIELD_INVALID"),
        (lambda store: share(store, "[uplink]\ncentre_address = 'evil:1'\n"), "CONFIG_INVALID"),
        (lambda store: share(store, "no toml"), "CONFIG_INVALID"),
        (lambda store: share(store, "[log]\nlevel = '" + "x" * 65536 + "'\n"), "CONFIG_INVALID"),
        (lambda store: join(store, "x" * 65), "FIELD_INVALID"),
        (lambda store: join(store, device=""), "FIELD_INVALID"),
    ],
    ids=["a name", "no name", "another section", "no toml", "too large", "a long name", "no device"],
)
async def test_what_makes_no_sense_is_refused_by_name(store, asked, reason):
    with pytest.raises(CentreError) as refused:
        await asked(store)
    assert refused.value.reason == reason


async def test_what_is_too_large_together_is_refused_whole(store):
    await own(store, "[log]\nlevel = '" + "x" * 40_000 + "'\n")
    await join(store)
    before = await wanted(store)
    with pytest.raises(CentreError, match="gate-1"):
        await share(store, "[gate]\nname = '" + "y" * 40_000 + "'\n")
    assert await wanted(store) == before
    assert (await store.show_group("entrance")).document_toml == ""


async def test_a_store_of_before_keeps_every_configuration_and_its_revision(tmp_path, monkeypatch):
    scripts = database._scripts()
    with monkeypatch.context() as patch:
        patch.setattr(database, "_scripts", lambda: scripts[:4])
        connection = database.open_connection(tmp_path, 1 << 30)
        with connection:
            connection.execute(
                "INSERT INTO device_configs (device_id, revision, document, updated_us, device_revision)"
                " VALUES ('gate-1', 7, ?, 1, 7), ('gate-2', 3, '', 1, 3)",
                (OWN,),
            )
        assert isinstance(connection, apsw.Connection)
        connection.close()
    with open_sqlite_store(tmp_path, 1 << 30) as store:
        assert await wanted(store) == (7, tomllib.loads(OWN))
        assert await wanted(store, "gate-2") == (3, {})
        shown = await store.show_config("gate-1")
        assert (shown.own_document_toml, shown.group, shown.device_revision) == (OWN, "", 7)
        await share(store, SHARED)
        await join(store)
        assert (await wanted(store))[0] == 8
