"""Peers are asked in processes of their own, and compared by what they answered."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from doorward_testing.pictures import astronaut, coffee, save

PEERS = Path(__file__).resolve().parents[2] / "deploy" / "peers"


@pytest.fixture
def peers(monkeypatch):
    monkeypatch.syspath_prepend(str(PEERS))
    import comparing
    import peer

    yield peer, comparing
    for name in ("comparing", "frames", "peer"):
        sys.modules.pop(name, None)


@pytest.mark.models
def test_a_peer_answers_picture_by_picture_with_the_time_it_took(peers, any_pack, tmp_path):
    peer, _ = peers
    home = tmp_path / "home"
    home.mkdir()
    (home / "packs").symlink_to(any_pack.folder.parents[1])
    doorward = peer.Peer.read("doorward", {"title": "Doorward", "script": "answer_doorward.py"})
    with peer.answering(doorward, tmp_path, [str(home), any_pack.manifest.name]) as running:
        person = running.ask(save(astronaut(), tmp_path / "person.png"))
        cup = running.ask(save(coffee(), tmp_path / "cup.png"))
    assert len(person.vector) == any_pack.manifest.embedding_dimension
    assert person.ms > 0.0
    assert cup.vector is None


def test_speed_is_compared_photo_by_photo_and_accuracy_over_all_pairs(peers):
    peer, comparing = peers
    rng = np.random.default_rng(5)
    centres = rng.normal(size=(3, 16))
    persons = [name for name in "abc" for _ in range(4)]
    vectors = [tuple(centres["abc".index(name)] + rng.normal(scale=0.05, size=16)) for name in persons]
    ours = [peer.Answer(ms, vector) for ms, vector in zip(range(1, 13), vectors, strict=True)]
    theirs = [peer.Answer(20.0 * answer.ms, answer.vector) for answer in ours[:-1]] + [peer.Answer(1.0, None)]
    rows = comparing.compare(
        [comparing.Measured("doorward", "", "1", ours), comparing.Measured("other", "", "2", theirs)], persons
    )
    assert [row.slower for row in rows] == [1.0, 20.0]
    assert [row.failed_to_enrol for row in rows] == [0, 1]
    assert [row.balanced_accuracy for row in rows] == [1.0, 1.0]
    assert rows[1].fnmr == 0.0


@pytest.mark.parametrize("size_px", [(64, 48), (640, 480)])
def test_a_photo_stands_in_the_middle_of_a_frame_of_the_cameras_size(peers, tmp_path, size_px):
    import frames

    (tmp_path / "ada").mkdir()
    photo = save(astronaut(), tmp_path / "ada" / "1.png")
    frame = cv2.imread(str(frames.put_in_frame(photo, size_px, tmp_path)))
    assert frame.shape == (size_px[1], size_px[0], 3)
    seen = cv2.imread(str(photo))
    side = min(seen.shape[0], size_px[1])
    expected = cv2.resize(seen, (side, side), interpolation=cv2.INTER_AREA)
    top, left = (size_px[1] - side) // 2, (size_px[0] - side) // 2
    middle = frame[top : top + side, left : left + side].astype(int)
    assert np.abs(middle - expected).mean() < 10.0


def test_a_frame_of_another_form_is_refused(peers):
    import frames

    with pytest.raises(ValueError, match="expected WIDTHxHEIGHT"):
        frames.read_size("640")
