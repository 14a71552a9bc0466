"""What a device knows of its clock, and what the centre makes of it: errors are bounds, and order stays order."""

from hypothesis import given
from hypothesis import strategies as st

from doorward_central.sqlite_store import open_sqlite_store
from doorward_central.time_rows import TimeBook, note_anchor
from doorward_sync.clock_anchor import ClockAnchor, TimeEstimate, anchor_of, better_anchor, between, estimate
from doorward_testing.journals import JournalSite


@given(there_s=st.floats(0, 5), back_s=st.floats(0, 5), boot_us=st.integers(0, 10**15), later_s=st.integers(0, 10**6))
def test_the_true_time_lies_within_the_stated_error(there_s, back_s, boot_us, later_s):
    """The centre reads its clock somewhere between question and answer; boottime 0 is boot_us in UTC."""
    sent_ns = 10**9
    centre_us = boot_us + sent_ns // 1000 + round(there_s * 1e6)
    anchor = anchor_of("boot", sent_ns, there_s + back_s, centre_us)
    found = estimate(anchor, sent_ns + later_s * 10**9)
    assert abs(found.utc_us - (boot_us + sent_ns // 1000 + later_s * 10**6)) <= found.error_us


def test_a_more_exact_anchor_wins_and_an_old_one_gives_way():
    exact = ClockAnchor(boot_id="b", boottime_ns=0, utc_us=0, error_us=100)
    vague = ClockAnchor(boot_id="b", boottime_ns=10**9, utc_us=10**6, error_us=5000)
    assert not better_anchor(exact, vague)
    assert better_anchor(vague, ClockAnchor(boot_id="b", boottime_ns=2 * 10**9, utc_us=2 * 10**6, error_us=100))
    fresh = ClockAnchor(boot_id="b", boottime_ns=700 * 10**9, utc_us=700 * 10**6, error_us=300)
    assert better_anchor(exact, fresh)
    assert better_anchor(exact, ClockAnchor(boot_id="c", boottime_ns=0, utc_us=0, error_us=10**9))


def test_without_an_anchor_the_neighbours_are_the_bounds():
    found = between(TimeEstimate(1000, 10), TimeEstimate(5000, 20))
    assert found is not None
    assert (found.utc_us - found.error_us <= 990, found.utc_us + found.error_us >= 5020) == (True, True)
    assert between(None, TimeEstimate(5000, 20)) is None


def test_the_journal_keeps_the_anchors_of_the_last_boots(tmp_path):
    site = JournalSite(tmp_path)
    anchors = [ClockAnchor(boot_id=f"boot-{n}", boottime_ns=n, utc_us=1000 * n, error_us=n) for n in range(20)]
    with site.open() as journal:
        for anchor in anchors:
            journal.note_anchor(anchor)
        journal.note_anchor(ClockAnchor(boot_id="boot-19", boottime_ns=5, utc_us=90_000, error_us=1))
    with site.open() as journal:
        kept = journal.clock_anchors()
    assert [one.boot_id for one in kept] == [f"boot-{n}" for n in range(19, 3, -1)]
    assert kept[0].utc_us == 90_000


def test_the_centre_tells_when_events_happened_whatever_the_wall_clock_said(tmp_path):
    """Three boots of one device: the first and the last were online, the one between never was."""
    with open_sqlite_store(tmp_path, 1 << 30) as store:
        connection = store._thread._connection
        insert = (
            "INSERT INTO events (device_id, epoch, lane, seq, event_id, kind, boot_id, boottime_ns, wall_time_us,"
            " clock_state, payload, salt, payload_digest, chain_hash, event_digest, content_digest, received_us)"
            " VALUES ('gate', 1, 1, ?, ?, 'test', ?, ?, ?, 'unset', NULL, x'', x'', x'', x'', x'', 9000000000)"
        )
        # The wall clock jumps back and forth and orders nothing.
        rows = [(1, "a", 10**9, 5), (2, "b", 7 * 10**9, 10**15), (3, "b", 8 * 10**9, -3), (4, "c", 2 * 10**9, 0)]
        for seq, boot, boottime_ns, wall_us in rows:
            connection.execute(insert, (seq, str(seq), boot, boottime_ns, wall_us))
        note_anchor(connection, "gate", ClockAnchor(boot_id="a", boottime_ns=0, utc_us=1_000_000_000, error_us=50))
        note_anchor(connection, "gate", ClockAnchor(boot_id="c", boottime_ns=0, utc_us=5_000_000_000, error_us=50))
        times = TimeBook(connection)
        found = [times.of(("gate", 1, 1, seq), boot, ns, 9 * 10**9) for seq, boot, ns, _ in rows]
    assert [is_anchored for _, is_anchored in found] == [True, False, False, True]
    assert found[0][0].utc_us == 1_001_000_000
    assert found[3][0].utc_us == 5_002_000_000
    for one, _ in found[1:3]:
        assert one.utc_us - one.error_us <= 1_001_000_000
        assert one.utc_us + one.error_us >= 5_002_000_000
