"""A book of names says what a copy of all names would say, whatever changed, and earlier books stay as they were."""

from hypothesis import given, settings
from hypothesis import strategies as st

from doorward_daemon.gallery import name_book
from doorward_daemon.gallery.name_book import NameBook

SUBJECTS = st.sampled_from(["anna", "bert", "carl", "dora", "emil", "fred"])
CHANGES = st.dictionaries(SUBJECTS, st.none() | st.sampled_from(["Ann", "Bob", ""]), max_size=4)


@given(first=st.dictionaries(SUBJECTS, st.just("First")), changes=st.lists(CHANGES, max_size=8))
@settings(deadline=None)
def test_a_book_says_what_a_copy_of_all_names_would_say(first: dict[str, str], changes: list[dict[str, str | None]]):
    books, expected = [NameBook(dict(first))], [dict(first)]
    for change in changes:
        books.append(books[-1].with_changes(change))
        merged = {**expected[-1], **change}
        expected.append({subject_id: name for subject_id, name in merged.items() if name is not None})
    for book, names in zip(books, expected, strict=True):
        assert dict(book) == names
        assert len(book) == len(names)
        assert book.get("nobody") is None


def test_a_book_with_many_changes_is_written_anew_and_says_the_same():
    book = NameBook({"anna": "Anna", "bert": "Bert"})
    for row in range(3 * name_book._MOST_CHANGED):
        book = book.with_changes({f"s{row}": "Some", "bert": None})
    assert len(book) == 1 + 3 * name_book._MOST_CHANGED
    assert book["s7"] == "Some"
    assert "bert" not in book
