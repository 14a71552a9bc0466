"""Faces are followed by place and motion, through short gaps and slow cameras, and let go in time."""

from doorward_daemon.gate_loop.settings import TrackSettings
from doorward_daemon.gate_loop.tracker import Movement, Tracker
from doorward_daemon.model.face import Face
from doorward_testing.gate_values import face_at

FRAME_NS = 33_333_333
SECOND_NS = 1_000_000_000


def ids(movement: Movement) -> list[int]:
    return [sighting.track_id for sighting in movement.seen]


def walk(tracker: Tracker, frames: list[list[Face]], step_ns: int = FRAME_NS) -> list[list[int]]:
    return [ids(tracker.see(faces, place * step_ns)) for place, faces in enumerate(frames)]


def test_a_face_that_moves_stays_one_track():
    tracker = Tracker(TrackSettings())
    assert walk(tracker, [[face_at(100 + 6 * step, 50, 80)] for step in range(30)]) == [[1]] * 30


def test_a_small_face_that_runs_is_followed_without_overlap():
    tracker = Tracker(TrackSettings())
    assert walk(tracker, [[face_at(100 + 20 * step, 50, 24)] for step in range(20)]) == [[1]] * 20


def test_two_faces_that_pass_each_other_keep_their_tracks():
    left = [face_at(100 + 8 * step, 50, 80) for step in range(40)]
    right = [face_at(400 - 8 * step, 110, 100) for step in range(40)]
    tracker = Tracker(TrackSettings())
    found = walk(tracker, [list(pair) for pair in zip(left, right, strict=True)])
    # Largest first: the right one is the larger one throughout.
    assert all(frame == found[0] for frame in found)


def test_a_face_missed_for_a_moment_is_found_again_where_it_was_going():
    tracker = Tracker(TrackSettings())
    frames = [[face_at(100 + 10 * step, 50, 80)] if step not in range(10, 20) else [] for step in range(30)]
    assert walk(tracker, frames)[-1] == [1]


def test_a_face_that_is_away_for_long_ends_its_track_and_comes_back_as_another():
    tracker = Tracker(TrackSettings(max_gap_s=0.5))
    tracker.see([face_at(100, 50, 80)], 0)
    ended = [tracker.see([], step * FRAME_NS).ended for step in range(1, 30)]
    assert [track for frame in ended for track in frame] == [1]
    assert ids(tracker.see([face_at(100, 50, 80)], 31 * FRAME_NS)) == [2]


def test_one_frame_per_second_is_enough_to_follow_who_stands_still():
    tracker = Tracker(TrackSettings(max_gap_s=0.5))
    frames = [[face_at(100 + step, 50, 80)] if step != 2 else [] for step in range(6)]
    assert walk(tracker, frames, SECOND_NS)[-1] == [1]


def test_a_camera_that_was_away_begins_anew():
    tracker = Tracker(TrackSettings(longest_gap_s=3.0))
    tracker.see([face_at(100, 50, 80)], 0)
    movement = tracker.see([face_at(100, 50, 80)], 4 * SECOND_NS)
    assert (ids(movement), movement.ended) == ([2], (1,))


def test_without_frames_tracks_are_let_go_by_the_clock():
    tracker = Tracker(TrackSettings(longest_gap_s=3.0))
    tracker.see([face_at(100, 50, 80)], 0)
    assert tracker.let_go(2 * SECOND_NS) == ()
    assert tracker.let_go(4 * SECOND_NS) == (1,)


def test_stamps_that_stand_still_or_go_back_harm_nothing():
    tracker = Tracker(TrackSettings())
    stamps = [SECOND_NS, SECOND_NS, SECOND_NS // 2, SECOND_NS]
    assert [ids(tracker.see([face_at(100, 50, 80)], stamp)) for stamp in stamps] == [[1]] * 4


def test_a_split_track_goes_on_under_a_new_number():
    tracker = Tracker(TrackSettings())
    tracker.see([face_at(100, 50, 80)], 0)
    assert tracker.split(1) == 2
    assert ids(tracker.see([face_at(104, 50, 80)], FRAME_NS)) == [2]
