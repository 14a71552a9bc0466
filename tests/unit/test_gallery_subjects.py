"""Reading the gallery: subjects, pages, status, references of another pack."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward_daemon.errors import AlreadyExists, Conflict, ErrorReason, InvalidInput, NotFound
from doorward_daemon.gallery import Gallery, open_gallery
from doorward_daemon.gallery.page_token import make_page_token, read_page_token
from doorward_daemon.model.subject import GalleryStatus
from doorward_testing.enrolment_site import NO_SPARE_DISK, open_site, portrait, template_of

OTHER_SPACE = "other-0001"


def test_a_subject_is_read_with_its_references_oldest_first(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1, shots=3)
        subject = site.gallery.subject("anna")
        assert subject.display_name == "Name of anna"
        assert [one.quality_score for one in subject.references] == [0.9, 0.9, 0.9]
        assert subject.created_at <= subject.references[0].created_at <= subject.references[2].created_at
        assert subject.revision == site.gallery.status().revision == 4
    with open_site(tmp_path) as site:
        assert site.gallery.subject("anna") == subject


def test_an_unknown_subject_is_not_found(tmp_path: Path):
    with open_site(tmp_path) as site, pytest.raises(NotFound) as error:
        site.gallery.subject("nobody")
    assert error.value.reason is ErrorReason.SUBJECT_NOT_FOUND


def test_pages_follow_each_other_without_gap_or_repetition_while_subjects_come_and_go(tmp_path: Path):
    with open_site(tmp_path) as site:
        for number in range(25):
            site.desk.create_subject(site.request(), f"s{number:02}", "")
        first = site.gallery.subjects(10)
        site.desk.erase_subject(site.request(), first.subjects[-1].subject_id)
        site.desk.create_subject(site.request(), "s05-late", "")
        second = site.gallery.subjects(10, first.next_page_token)
        third = site.gallery.subjects(10, second.next_page_token)
    assert [one.subject_id for one in (*second.subjects, *third.subjects)] == [f"s{n:02}" for n in range(10, 25)]
    assert (first.total_size, third.total_size, third.next_page_token) == (25, 25, "")


def test_a_page_that_ends_with_the_last_subject_has_no_next(tmp_path: Path):
    with open_site(tmp_path) as site:
        assert site.gallery.subjects().next_page_token == ""
        for number in range(4):
            site.desk.create_subject(site.request(), f"s{number}", "")
        assert site.gallery.subjects(4).next_page_token == ""
        assert site.gallery.subjects(3).next_page_token != ""


@pytest.mark.parametrize("size", [-1, 501])
def test_a_page_size_out_of_range_is_refused(tmp_path: Path, size: int):
    with open_site(tmp_path) as site, pytest.raises(InvalidInput) as error:
        site.gallery.subjects(size)
    assert error.value.problems[0].field == "page_size"


@given(st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True))
def test_page_tokens_lead_back_to_their_subject(subject_id: str):
    assert read_page_token(make_page_token(subject_id)) == subject_id


@given(st.text(min_size=1) | st.binary(min_size=1).map(lambda raw: raw.decode("latin-1")))
def test_made_up_page_tokens_are_refused(token: str):
    with pytest.raises(InvalidInput) as error:
        read_page_token(token)
    assert error.value.reason is ErrorReason.PAGE_TOKEN_INVALID


@given(st.integers(0, 200), st.characters(codec="ascii"))
@settings(max_examples=200)
def test_a_changed_page_token_is_refused(place: int, char: str):
    token = make_page_token("subject-17")
    place %= len(token)
    changed = token[:place] + char + token[place + 1 :]
    if changed != token:
        with pytest.raises(InvalidInput):
            read_page_token(changed)


def test_references_of_another_pack_are_counted_and_never_searched(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1, shots=2)
        site.enrol("bert", 2)
    with open_gallery(tmp_path, OTHER_SPACE, NO_SPARE_DISK) as gallery:
        assert gallery.status() == GalleryStatus(subjects=2, references=0, foreign_references=3, revision=5)
        assert not gallery.index().holds("anna")
        assert len(gallery.subject("anna").references) == 2
        with pytest.raises(Conflict) as error:
            gallery.index().search(template_of(1).vector, 1)
        assert error.value.reason is ErrorReason.EMBEDDING_MISMATCH
    with open_site(tmp_path) as site:
        assert site.gallery.status().foreign_references == 0
        assert site.gallery.index().search(template_of(1).vector, 1)[0].subject_id == "anna"


def test_subjects_can_be_enrolled_anew_beside_their_references_of_another_pack(tmp_path: Path):
    with open_gallery(tmp_path, OTHER_SPACE, NO_SPARE_DISK):
        pass
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        site.enrol("bert", 2)
    with open_gallery(tmp_path, OTHER_SPACE, NO_SPARE_DISK) as gallery, gallery.writing(growing=True) as writing:
        reference = writing.subject("anna").references[0]
        template = template_of(1, space=OTHER_SPACE)
        changed = type(reference)("r-new", 0.9, reference.quality_band, OTHER_SPACE, "f32", writing.now)
        writing.add_pending("anna", changed, "op", template)
        writing.activate("anna", "r-new")
    with open_gallery(tmp_path, OTHER_SPACE, NO_SPARE_DISK) as gallery:
        assert gallery.status() == GalleryStatus(subjects=2, references=1, foreign_references=2, revision=5)
        assert gallery.index().search(template_of(1).vector, 5)[0].reference_id == "r-new"


def test_a_template_of_another_pack_is_not_enrolled(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        for space, numbers in ((OTHER_SPACE, 64), (site.gallery.embedding_id, 128)):
            with pytest.raises(Conflict) as error:
                site.gallery.check_comparable(space, numbers)
            assert error.value.reason is ErrorReason.EMBEDDING_MISMATCH


def test_a_closed_gallery_holds_no_template_in_memory(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        block = site.gallery.index().rows.parts[0].block
        assert block.matrix.any()
    assert not block.matrix.any()
    assert not block.rough.any()


def test_a_write_that_fails_halfway_changes_neither_database_nor_index(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        before = (site.gallery.index(), site.gallery.subjects())
        with contextlib.suppress(AlreadyExists), site.gallery.writing(growing=True) as writing:
            writing.create_subject("bert", "")
            writing.mark_subject_erasing("anna")
            writing.create_subject("bert", "again")
        assert (site.gallery.index(), site.gallery.subjects()) == before


def test_what_a_write_that_came_to_nothing_would_have_filled_is_filled_by_the_next_one(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        site.desk.erase_subject(site.request(), "anna")
        slots = slots_of(site.gallery)
        with contextlib.suppress(AlreadyExists), site.gallery.writing(growing=True) as writing:
            writing.create_subject("bert", "")
            writing.create_subject("cora", "")
            writing.create_subject("bert", "again")
        with site.gallery.writing(growing=True) as writing:
            writing.create_subject("bert", "Bert")
        assert slots_of(site.gallery) == slots


def slots_of(gallery: Gallery) -> int:
    """Slots of the vault, filled and freed."""
    return int(gallery._database.run("SELECT count(*) FROM vault")[0][0])


def test_references_keep_their_quality_and_precision(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.desk.create_subject(site.request(), "anna", "")
        result = site.desk.add_reference(site.request(), "anna", portrait(1, quality=65))
        assert (result.reference.quality_score, result.reference.quality_band.value) == (0.65, "MEDIUM")
        assert site.gallery.subject("anna").references == (result.reference,)
