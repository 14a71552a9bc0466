"""Configuration and commands on their way down: offered once, marked before sent, never believed of another session."""

import pytest

from doorward_sync.batch_run import ProtocolError
from doorward_sync.centre_down import CentreDown
from doorward_sync.centre_storage import CommandMarked, MarkCommandSent, PendingCommand
from doorward_sync.clock_anchor import ClockAnchor
from doorward_sync.config_keys import foreign_keys
from doorward_sync.device_down import DeviceDown, deadline_ns
from doorward_sync.device_gallery import DeviceGallery
from doorward_sync.device_storage import ApplyConfig, CarryOut, CommandCarriedOut, ConfigApplied
from doorward_sync.down_messages import (
    LARGEST_CONFIG_BYTES,
    CommandKind,
    CommandOrder,
    CommandOutcome,
    CommandResult,
    ConfigDocument,
    ConfigOffer,
    ConfigResult,
    DeviceCommand,
)
from doorward_sync.gallery_messages import LocalSubjectsAck
from doorward_sync.outputs import Alarm, AlarmKind, Send
from doorward_sync.wire_down import from_wire_offer, from_wire_order, to_wire_offer, to_wire_order

ONE = ConfigDocument(revision=1, text='[log]\nlevel = "DEBUG"\n')
TWO = ConfigDocument(revision=2, text="[gate]\nlow_from = 0.5\n")
OPEN = DeviceCommand(command_id="c1", kind=CommandKind.OPEN_DOOR, door_id="main")
PENDING = PendingCommand(command=OPEN, expire_time_us=60_000_000)
ORDER = CommandOrder(session_id="s", command=OPEN, expire_time_us=60_000_000, valid_for_ms=30_000)


def taken(document, **changes: object):
    facts = {"offered_revision": document.revision, "revision": document.revision, "digest": document.digest}
    return ConfigResult(**{**facts, **changes})


def sent(outputs):
    return [output.message for output in outputs if isinstance(output, Send)]


@pytest.fixture
def centre():
    return CentreDown("s", "gate-1", (0, b""))


@pytest.fixture
def device():
    return DeviceDown(DeviceGallery(0, 0))


def test_heartbeats_say_whether_what_came_down_is_still_being_stored(device):
    def is_storing():
        return device.heartbeat(1, 2, None).is_storing

    assert not is_storing()
    offer = ConfigOffer(session_id="s", document=ONE)
    assert device.received(LocalSubjectsAck(through_change=0), "s", 0, None) == []
    assert device.received(offer, "s", 0, None) == [ApplyConfig(ONE)]
    assert device.received(ORDER, "s", 0, None) != []
    # The same again is no work.
    assert device.received(offer, "s", 0, None) == []
    device.stored(ConfigApplied(taken(ONE)))
    assert is_storing()
    device.stored(CommandCarriedOut(CommandResult(command_id="c1", outcome=CommandOutcome.DONE)))
    assert not is_storing()


def test_a_configuration_is_offered_until_the_device_has_it(centre):
    assert centre.pump(0.0) == []
    centre.wants(ONE)
    assert sent(centre.pump(0.0)) == [ConfigOffer(session_id="s", document=ONE)]
    assert centre.pump(1.0) == []
    centre.configured(taken(ONE))
    assert centre.pump(2.0) == []
    centre.wants(TWO)
    assert sent(centre.pump(3.0))[0].document == TWO


def test_a_device_that_has_it_is_offered_nothing_but_another_text_under_the_same_revision_is_replaced():
    same = CentreDown("s", "gate-1", (1, ONE.digest))
    same.wants(ONE)
    assert same.pump(0.0) == []
    restored = CentreDown("s", "gate-1", (1, TWO.digest))
    restored.wants(ONE)
    assert sent(restored.pump(0.0))[0].document == ONE


def test_a_refusal_is_alarmed_and_not_asked_about_again_before_the_next_revision(centre):
    centre.wants(ONE)
    centre.pump(0.0)
    outputs = centre.configured(taken(ONE, revision=0, digest=b"", problem="gate.low_from: found 9"))
    assert [output.kind for output in outputs if isinstance(output, Alarm)] == [AlarmKind.CONFIG_REFUSED]
    assert centre.pump(1.0) == []
    centre.wants(TWO)
    assert sent(centre.pump(2.0))[0].document == TWO


def test_answers_to_what_was_never_offered_or_sent_break_the_protocol_and_doubled_ones_change_nothing(centre):
    with pytest.raises(ProtocolError, match="was offered"):
        centre.configured(taken(ONE))
    with pytest.raises(ProtocolError, match="not sent"):
        centre.answered(CommandResult(command_id="c1", outcome=CommandOutcome.DONE))
    centre.wants(ONE)
    centre.pump(0.0)
    assert centre.configured(taken(ONE))
    assert centre.configured(taken(ONE)) == []


def test_a_command_is_marked_on_disk_before_it_is_sent(centre):
    assert centre.commanded(PENDING, 0) == [MarkCommandSent(command_id="c1")]
    assert centre.commanded(PENDING, 0) == []
    (order,) = sent(centre.marked(CommandMarked(command_id="c1"), 10_000_000))
    assert (order.command, order.valid_for_ms) == (OPEN, 50_000)


def test_a_command_that_expired_is_not_sent_but_one_that_was_sent_before_is_asked_about(centre):
    assert centre.commanded(PENDING, 60_000_000) == []
    asked = PendingCommand(command=OPEN, expire_time_us=60_000_000, was_sent=True)
    assert centre.commanded(asked, 90_000_000) == [MarkCommandSent(command_id="c1")]
    assert sent(centre.marked(CommandMarked(command_id="c1"), 90_000_000))[0].valid_for_ms == 0


def test_a_device_takes_nothing_of_another_session_and_no_older_configuration(device):
    assert device.received(ConfigOffer(session_id="old", document=TWO), "s", 0, None) == []
    assert device.received(CommandOrder(**{**_fields(ORDER), "session_id": "old"}), "s", 0, None) == []
    assert device.received(ConfigOffer(session_id="s", document=TWO), "s", 0, None) == [ApplyConfig(TWO)]
    assert device.received(ConfigOffer(session_id="s", document=ONE), "s", 0, None) == []
    assert device.received(ConfigOffer(session_id="s", document=TWO), "s", 0, None) == []
    assert device.ignored == 4
    (asked,) = device.received(ORDER, "s", 7_000_000_000, None)
    assert asked == CarryOut(command=OPEN, deadline_boottime_ns=37_000_000_000)


def test_the_time_on_the_way_counts_where_the_centres_clock_is_known_and_doubt_counts_against_the_command():
    anchor = ClockAnchor(boot_id="b", boottime_ns=10_000_000_000, utc_us=50_000_000, error_us=500_000)
    # 10 s of the validity are left by the centre's clock, half a second is not known; it came 8 s late.
    assert deadline_ns(ORDER, 18_000_000_000, anchor) == 19_500_000_000
    # A centre's clock that is far behind gives no more than the validity from receipt.
    assert deadline_ns(ORDER, 0, ClockAnchor(boot_id="b", boottime_ns=0, utc_us=0, error_us=1)) == 30_000_000_000


def test_only_named_sections_and_keys_may_come_from_the_centre():
    raw = {"gate": {"low_from": 0.5}, "uplink": {"centre_address": "evil:1"}, "open_set": {"profile": "/etc/passwd"}}
    assert foreign_keys(raw) == ["uplink", "open_set.profile"]
    assert foreign_keys({"rpc": {"tcp_enabled": True}, "doors": [], "gate": 3}) == ["rpc", "doors", "gate"]


def test_oversized_and_senseless_messages_are_refused_at_the_wire():
    offer = ConfigOffer(session_id="s", document=ONE)
    assert from_wire_offer(to_wire_offer(offer)) == offer
    assert from_wire_order(to_wire_order(ORDER)) == ORDER
    big = ConfigDocument(revision=1, text="#" * (LARGEST_CONFIG_BYTES + 1))
    with pytest.raises(ProtocolError, match="at most"):
        from_wire_offer(to_wire_offer(ConfigOffer(session_id="s", document=big)))
    for wrong in ({"command_id": ""}, {"kind": 99}, {"command_id": "x" * 65}):
        message = to_wire_order(ORDER)
        for name, value in wrong.items():
            setattr(message, name, value)
        with pytest.raises(ProtocolError):
            from_wire_order(message)
    message = to_wire_order(ORDER)
    message.valid_for.FromSeconds(3601)
    with pytest.raises(ProtocolError, match="an hour"):
        from_wire_order(message)


def _fields(order):
    return {name: getattr(order, name) for name in order.__dataclass_fields__}
