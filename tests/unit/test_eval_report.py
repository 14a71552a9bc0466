"""What the local commands print."""

import json

import pytest

from doorward_daemon.tools.report import percent, print_json


def test_exactly_one_document_is_printed_with_names_as_they_are(capsys):
    print_json({"person": "Jürgen", "fnir": None})
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "Jürgen" in printed
    assert json.loads(printed) == {"person": "Jürgen", "fnir": None}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_has_no_word_for_is_never_printed(capsys, value):
    with pytest.raises(ValueError, match="JSON"):
        print_json({"auc": value})
    assert capsys.readouterr().out == ""


def test_a_share_of_nothing_is_a_dash():
    assert (percent(None), percent(0.0185)) == ("-", "1.85%")
