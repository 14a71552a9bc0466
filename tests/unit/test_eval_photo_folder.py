"""Folders of photos: what is looked at, what is passed over, what is refused."""

import pytest

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.tools.photo_folder import groups_in, photos_below, photos_in


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_persons_are_folders_with_photos_sorted_by_name(tmp_path):
    for name in ("bob/2.PNG", "bob/1.jpg", "ann/1.webp", "empty/readme.txt", ".hidden/1.jpg", "loose.jpg"):
        touch(tmp_path / name)
    assert [(group.name, [photo.name for photo in group.photos]) for group in groups_in(tmp_path)] == [
        ("ann", ["1.webp"]),
        ("bob", ["1.jpg", "2.PNG"]),
    ]


def test_other_files_hidden_files_and_folders_are_no_photos(tmp_path):
    for name in ("a.jpg", "b.JPEG", ".c.jpg", "d.txt", "e.bmp"):
        touch(tmp_path / name)
    (tmp_path / "f.jpg").mkdir()
    assert [photo.name for photo in photos_in(tmp_path)] == ["a.jpg", "b.JPEG", "e.bmp"]


def test_photos_below_are_found_at_any_depth(tmp_path):
    for name in ("a.jpg", "deep/er/b.jpg", ".hidden/c.jpg"):
        touch(tmp_path / name)
    assert [photo.name for photo in photos_below(tmp_path)] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("name", ["missing", "file.txt", "empty"])
def test_a_folder_that_holds_nothing_is_refused_by_name(tmp_path, name):
    touch(tmp_path / "file.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput) as caught:
        photos_below(tmp_path / name)
    assert caught.value.reason is ErrorReason.FIELD_INVALID
    assert str(tmp_path / name) in caught.value.message
