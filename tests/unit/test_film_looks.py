"""What is read off the looks at a film."""

import numpy as np

from doorward_daemon.gate_loop import LikenessLimits
from doorward_daemon.tools.film_looks import FilmLook, FilmLooks
from doorward_daemon.tools.tracks_report import ScoreReport
from doorward_testing.gate_values import template_at

LIMITS = LikenessLimits(same_score=0.6, other_score=0.3, asked_score=0.5)


def test_only_looks_at_one_track_so_many_frames_apart_are_compared():
    seen = [(1, 0, 0.0), (1, 1, 60.0), (2, 1, 0.0), (1, 3, 90.0), (2, 2, 0.0)]
    looks = [FilmLook(track, frame, template_at(angle).vector) for track, frame, angle in seen]
    found = FilmLooks(looks=looks)
    assert np.allclose(found.scores_apart(1), [0.5, 1.0], atol=1e-6)
    assert np.allclose(found.scores_apart(3), [0.0], atol=1e-6)
    assert len(found.scores_apart(30)) == 0


def test_of_one_person_what_is_low_is_wrong_and_of_two_what_is_high():
    scores = np.asarray([0.2, 0.5, 0.6, 0.9])
    one = ScoreReport.of(scores, LIMITS, one_person=True)
    two = ScoreReport.of(scores, LIMITS, one_person=False)
    assert (one.wrong_at_same.share, one.wrong_at_other.share) == (0.5, 0.25)
    assert (two.wrong_at_same.share, two.wrong_at_other.share) == (0.5, 0.75)
    assert ScoreReport.of(scores[:0], LIMITS, one_person=True).wrong_at_same.share is None
