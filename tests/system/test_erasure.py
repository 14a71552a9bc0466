"""After the receipt no byte of an erased subject is left in any file: proved by reading all of them."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import apsw
import numpy as np
import pytest

from doorward_daemon.enrolment import Step
from doorward_daemon.errors import Overloaded
from doorward_testing.enrolment_site import EnrolmentSite, open_site, portrait, template_of
from doorward_testing.failing_disk import failing_disk

TESTS = Path(__file__).resolve().parents[1]
WINDOW_BYTES = 16


def secrets_of(site: EnrolmentSite, subject_id: str) -> dict[str, bytes]:
    """What must not be left of a subject: as stored, and as it was before it was sealed."""
    run = site.gallery._database.run
    found = {
        "wrapped key": "SELECT content FROM vault JOIN subjects ON slot = key_slot WHERE subject_id = ?",
        "name": "SELECT content FROM vault JOIN subjects ON slot = name_slot WHERE subject_id = ?",
        "sealed template": "SELECT content FROM vault JOIN enrolled_references ON slot = template_slot"
        " WHERE subject_id = ?",
    }
    secrets = {
        f"{kind} {number}": row[0][4 : 4 + int.from_bytes(row[0][:4], "big")]
        for kind, sql in found.items()
        for number, row in enumerate(run(sql, subject_id))
    }
    index = site.gallery.index()
    block = index.rows.parts[0].block
    for row in index.rows.rows_of(subject_id):
        secrets[f"plain template {row}"] = block.matrix[row].tobytes()
        secrets[f"rough template {row}"] = block.rough[row].tobytes()
    return secrets


def windows(secret: bytes) -> Iterable[bytes]:
    """Parts of a secret; a left-over of twice their length holds at least one."""
    return (secret[at : at + WINDOW_BYTES] for at in range(0, max(1, len(secret) - WINDOW_BYTES + 1), WINDOW_BYTES))


def left_in(folder: Path, secrets: Mapping[str, bytes]) -> set[str]:
    """Names of the secrets of which a part is found in any file."""
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {
        name
        for name, secret in secrets.items()
        if any(part in content for part in windows(secret) for content in contents)
    }


def kinds(names: Iterable[str]) -> set[str]:
    return {name.rsplit(" ", 1)[0] for name in names}


STORED = {"wrapped key", "name", "sealed template"}
"""The name stands in the stored answers as well."""


def test_no_byte_of_an_erased_subject_is_left_in_any_file(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1, shots=3)
        site.enrol("bert", 2, shots=2)
        anna, bert = secrets_of(site, "anna"), secrets_of(site, "bert")
        # The search finds what is there, and a template is never there in the clear.
        assert kinds(anna) == STORED | {"plain template", "rough template"}
        assert kinds(left_in(tmp_path, anna)) == STORED
        site.desk.erase_subject(site.request(), "anna")
        assert left_in(tmp_path, anna) == set()
        assert kinds(left_in(tmp_path, bert)) == STORED
    assert left_in(tmp_path, anna) == set()
    with open_site(tmp_path) as site:
        assert left_in(tmp_path, anna) == set()
        assert site.gallery.index().search(template_of(2).vector, 1)[0].subject_id == "bert"


def test_the_search_for_left_overs_finds_a_single_window_of_each_secret(tmp_path: Path):
    with open_site(tmp_path / "data") as site:
        site.enrol("anna", 1)
        secrets = secrets_of(site, "anna")
    for name, secret in secrets.items():
        place = tmp_path / "planted"
        place.mkdir(exist_ok=True)
        (place / "file").write_bytes(b"\x01" * 100 + secret[:WINDOW_BYTES] + b"\x02" * 100)
        assert name in left_in(place, secrets)


def test_no_byte_of_a_removed_reference_is_left_and_the_others_stay(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1, shots=3)
        before = secrets_of(site, "anna")
        removed = site.gallery.subject("anna").references[1]
        site.desk.remove_reference(site.request(), "anna", removed.reference_id)
        left = left_in(tmp_path, before)
        assert "sealed template 1" not in left
        assert {"sealed template 0", "sealed template 2", "wrapped key 0"} <= left


def test_no_byte_is_left_of_a_reference_the_ledger_had_no_room_for(tmp_path: Path):
    caught: dict[str, bytes] = {}

    def observe(step: Step) -> None:
        if step is Step.STAGED and site.gallery.index().holds("anna"):
            caught.update(secrets_of(site, "anna"))
            assert "sealed template 1" in left_in(tmp_path, caught)
            disk.fail_after(0, lasting=False)

    with failing_disk(apsw.FullError) as disk, open_site(tmp_path, observe=observe) as site:
        site.enrol("anna", 1)
        with pytest.raises(Overloaded):
            site.desk.add_reference(site.request(), "anna", portrait(1, 1))
        left = left_in(tmp_path, caught)
        assert "sealed template 1" not in left
        assert "sealed template 0" in left


def test_no_byte_is_left_after_hundreds_of_enrolments_and_erasures_in_any_order(tmp_path: Path):
    chance = random.Random(7)
    with open_site(tmp_path) as site:
        erased: dict[str, bytes] = {}
        present: dict[str, dict[str, bytes]] = {}
        for number in range(120):
            name = f"{chance.getrandbits(64):x}"[: chance.randint(6, 16)]
            site.desk.create_subject(site.request(), name, f"{chance.getrandbits(300):x}"[: chance.randint(20, 75)])
            for shot in range(chance.randint(1, 3)):
                site.desk.add_reference(site.request(), name, portrait(number, shot))
            present[name] = secrets_of(site, name)
            if chance.random() < 0.5:
                gone = chance.choice(sorted(present))
                for kind, secret in present.pop(gone).items():
                    erased[f"{gone} {kind}"] = secret
                site.desk.erase_subject(site.request(), gone)
        assert len(erased) > 200
        assert left_in(tmp_path, erased) == set()
        for name, secrets in present.items():
            assert kinds(left_in(tmp_path, secrets)) == STORED, name


def test_an_erased_template_is_gone_from_memory_too(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        site.enrol("bert", 2)
        before = site.gallery.index()
        block = before.rows.parts[0].block
        (row,) = before.rows.rows_of("anna")
        assert block.matrix[row].any()
        assert block.rough[row].any()
        site.desk.erase_subject(site.request(), "anna")
        assert not block.matrix[row].any()
        assert not block.rough[row].any()
        assert before.search(template_of(1).vector, 5)[0].score < 0.4
        after = site.gallery.index().rows
        assert np.count_nonzero(after.templates(np.array(after.rows_of("bert")))) > 0


@pytest.mark.system
def test_nothing_confirmed_is_lost_or_comes_back_when_the_process_is_killed_at_random_moments(tmp_path: Path):
    chance = random.Random(3)
    enrolled: set[str] = set()
    erased: set[str] = set()
    for _ in range(12):
        killed = subprocess.Popen(
            [sys.executable, "-m", "doorward_testing.dying_desk", str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )
        lines = killed.stdout
        assert lines is not None
        answered = [lines.readline() for _ in range(chance.randint(1, 40))]
        killed.send_signal(signal.SIGKILL)
        answered += lines.readlines()
        killed.wait()
        lines.close()
        for line in answered:
            verb, _, name = line.strip().partition(" ")
            {"enrolled": enrolled, "erased": erased}.get(verb, set()).add(name)
        with open_site(tmp_path) as site:
            assert site.gallery.unfinished() == ()
            names = set(site.gallery.index().names)
            # The write under way when the process died may have happened; nothing else differs from what was answered.
            assert not erased & names
            lost = enrolled - erased - names
            assert len(lost) <= 1
            assert all(int(name[1:]) % 2 for name in lost), "only an erasure under way may take somebody away"
            erased |= lost
    assert len(enrolled) > 20
    assert len(erased) > 10
