"""When to come back, who is let in, and who is live: pure values."""

from hypothesis import given
from hypothesis import strategies as st

from doorward_sync.reconnect import ReconnectPolicy, Retry, next_retry
from doorward_sync.session_register import SessionRegister
from doorward_sync.token_bucket import TokenBucket

POLICY = ReconnectPolicy()


def test_the_first_return_after_a_healthy_stream_is_spread_over_two_minutes():
    assert next_retry(POLICY, 9, connected_s=60, chance=1.0) == Retry(after_s=120.0, attempt=0)
    near = ReconnectPolicy(first_spread_s=1.0)
    assert next_retry(near, 9, connected_s=60, chance=0.5).after_s == 0.5


def test_later_returns_double_up_to_the_cap():
    spreads, attempt = [], 0
    for _ in range(8):
        retry = next_retry(POLICY, attempt, connected_s=0, chance=1.0)
        spreads.append(retry.after_s)
        attempt = retry.attempt
    assert spreads == [15, 30, 60, 120, 240, 300, 300, 300]


def test_a_range_from_the_centre_wins():
    assert next_retry(POLICY, 0, 0, 0.5, hint_s=(2.0, 4.0)).after_s == 3.0


@given(st.integers(0, 10**6), st.floats(0, 10**6), st.floats(0, 1))
def test_no_return_is_later_than_the_widest_spread(attempt, connected_s, chance):
    assert 0 <= next_retry(POLICY, attempt, connected_s, chance).after_s <= 300


def test_handshakes_are_let_in_at_the_rate_and_the_rest_are_told_when():
    bucket = TokenBucket(rate_per_s=10, burst=2, tokens=2, at_s=0)
    waits = []
    for _ in range(3):
        bucket, wait_s = bucket.take(0.0)
        waits.append(wait_s)
    assert waits == [0.0, 0.0, 0.1]
    assert bucket.take(0.15)[1] == 0.0
    assert bucket.take(-5.0)[1] > 0.0


def test_the_newer_session_wins_and_the_end_of_the_older_one_changes_nothing():
    register = SessionRegister()
    assert register.enter("gate", "s1", "a", 0).older is None
    assert register.enter("gate", "s2", "a", 1).older == "s1"
    assert not register.leave("gate", "s1")
    assert register.live() == {"gate": "s2"}
    assert register.leave("gate", "s2")


def test_more_than_three_take_overs_between_addresses_look_like_a_clone():
    register = SessionRegister()
    seen = [register.enter("gate", f"s{place}", "ab"[place % 2], place).is_clone_suspected for place in range(6)]
    assert seen == [False, False, False, False, True, True]
    same = [register.enter("kiosk", f"s{place}", "a", place).is_clone_suspected for place in range(6)]
    assert not any(same)
    assert not register.enter("gate", "s9", "a", 10_000).is_clone_suspected
