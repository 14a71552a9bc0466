"""Streams are what is wanted; calls are taken where streams are broken on the way, for a while."""

from doorward_sync.line_choice import FAILURES, LONGEST_STAY_S, LineChoice, LineEnd, LineKind

BROKEN = LineEnd(was_greeted=False, is_typical=True)
UNREACHABLE = LineEnd(was_greeted=False, is_typical=False)
GREETED = LineEnd(was_greeted=True, is_typical=False)


def fallen_back() -> LineChoice:
    choice = LineChoice(3600.0)
    for _ in range(FAILURES):
        assert choice.kind(0.0) is LineKind.STREAM
        choice.ended(LineKind.STREAM, BROKEN, 0.0)
    return choice


def test_streams_that_are_broken_on_the_way_make_it_call():
    assert fallen_back().kind(0.0) is LineKind.CALLS


def test_a_centre_that_is_not_there_is_no_reason_to_call():
    choice = LineChoice(3600.0)
    for _ in range(100):
        choice.ended(LineKind.STREAM, UNREACHABLE, 0.0)
    assert choice.kind(0.0) is LineKind.STREAM


def test_one_broken_stream_among_good_ones_is_no_reason_either():
    choice = LineChoice(3600.0)
    for _ in range(10):
        choice.ended(LineKind.STREAM, BROKEN, 0.0)
        choice.ended(LineKind.STREAM, GREETED, 0.0)
    assert choice.kind(0.0) is LineKind.STREAM


def test_calls_are_kept_while_they_get_through_and_a_stream_is_tried_again_later():
    choice = fallen_back()
    choice.ended(LineKind.CALLS, GREETED, 10.0)
    assert choice.kind(3599.0) is LineKind.CALLS
    assert choice.kind(3600.0) is LineKind.STREAM
    choice.ended(LineKind.STREAM, GREETED, 3700.0)
    assert choice.kind(1e9) is LineKind.STREAM


def test_a_stream_that_is_broken_again_makes_it_wait_longer_each_time():
    choice, now_s, waits = fallen_back(), 0.0, []
    for _ in range(8):
        waits.append(choice.left_s(now_s))
        now_s += waits[-1]
        choice.ended(LineKind.STREAM, BROKEN, now_s)
    assert waits == [3600.0, 7200.0, 14400.0, 28800.0, 57600.0, *[LONGEST_STAY_S] * 3]


def test_where_calls_do_not_get_through_either_it_is_not_the_stream():
    choice = fallen_back()
    choice.ended(LineKind.CALLS, UNREACHABLE, 1.0)
    assert choice.kind(1.0) is LineKind.STREAM
