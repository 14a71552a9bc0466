"""What may be typed in which order, and what excludes what."""

import pytest

from doorward_client.cli.arguments import parse_arguments
from doorward_client.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("verify a.jpg b.jpg", {"image": "a.jpg", "reference": "b.jpg", "subject": None}),
        ("verify a.jpg --json b.jpg", {"image": "a.jpg", "reference": "b.jpg", "subject": None}),
        ("verify a.jpg --json --subject=ada", {"image": "a.jpg", "reference": None, "subject": "ada"}),
        ("subjects not-this-person ada 1.jpg 2.jpg", {"subject_id": "ada", "images": ["1.jpg", "2.jpg"]}),
        ("subjects not-this-person ada --allow-low-quality 1.jpg", {"images": ["1.jpg"], "event": None}),
        ("subjects not-this-person ada --json --event 4", {"images": [], "event": 4}),
    ],
)
def test_options_may_stand_between_pictures_and_what_they_are_of(typed: str, read: dict[str, object]):
    found = vars(parse_arguments(typed.split()))
    assert {name: found[name] for name in read} == read


@pytest.mark.parametrize(
    ("typed", "missing"),
    [
        ("verify a.jpg", "required: B"),
        ("subjects not-this-person ada", "required: IMG"),
        ("verify a.jpg b.jpg --subject ada", "not allowed with"),
        ("subjects not-this-person ada 1.jpg --event 4", "not allowed with"),
    ],
)
def test_one_of_both_is_asked_for_and_not_both(typed: str, missing: str):
    with pytest.raises(InvalidInput, match=missing):
        parse_arguments(typed.split())
