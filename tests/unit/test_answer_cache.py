"""Answers that are remembered: for how long, how many, and until what."""

import pytest

from doorward_daemon.rpc.answer_cache import AnswerCache, AskedPicture
from doorward_testing import answers

ADA = AskedPicture.of(b"ada", 3)


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(clock):
    return AnswerCache(lifetime_s=30.0, max_entries=2, clock_s=clock)


def remembered(cache, asked=ADA, revision=1):
    cache.get(asked, revision)
    found = answers.identification(3)
    cache.put(asked, revision, found)
    return found


def test_the_same_question_has_the_same_answer_for_thirty_seconds(cache, clock):
    found = remembered(cache)
    clock.now_s += 29.9
    assert cache.get(ADA, 1) is found
    clock.now_s += 0.2
    assert cache.get(ADA, 1) is None
    assert len(cache) == 0


def test_other_bytes_or_another_number_of_candidates_is_another_question(cache):
    remembered(cache)
    assert cache.get(AskedPicture.of(b"bea", 3), 1) is None
    assert cache.get(AskedPicture.of(b"ada", 2), 1) is None


def test_a_change_of_the_gallery_forgets_everything_at_once(cache):
    remembered(cache)
    assert cache.get(AskedPicture.of(b"bea", 3), 2) is None
    assert len(cache) == 0
    assert cache.get(ADA, 2) is None


def test_an_answer_that_a_change_overtook_is_not_kept(cache):
    assert cache.get(ADA, 1) is None
    assert cache.get(AskedPicture.of(b"bea", 3), 2) is None
    cache.put(ADA, 1, answers.identification(3))
    assert cache.get(ADA, 2) is None


def test_the_oldest_answer_gives_way(cache):
    first, second, third = (AskedPicture.of(bytes([number]), 3) for number in range(3))
    for asked in (first, second, third):
        remembered(cache, asked)
    assert (cache.get(first, 1), len(cache)) == (None, 2)
    assert cache.get(third, 1) is not None


def test_a_lifetime_of_zero_remembers_nothing(clock):
    cache = AnswerCache(lifetime_s=0.0, max_entries=2, clock_s=clock)
    remembered(cache)
    assert cache.get(ADA, 1) is None
