"""The search finds what comparing everything with everything would find, and a snapshot never changes under it."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.gallery.index_keeper import AddedTemplate, IndexChange, IndexKeeper
from doorward_daemon.gallery.search_index import SearchIndex
from doorward_daemon.gallery.template_rows import TemplateRows

SPACE = "tests-0001"


def empty_keeper(foreign: int = 0) -> IndexKeeper:
    rows, negatives = TemplateRows(), TemplateRows()
    first = SearchIndex(embedding_id=SPACE, revision=0, rows=rows.view(), foreign_references=foreign)
    return IndexKeeper(first, rows, negatives)


def unit(seed: int, dimension: int = 8) -> np.ndarray:
    vector = np.random.default_rng(seed).standard_normal(dimension)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def add(keeper: IndexKeeper, *templates: tuple[str, str, np.ndarray]) -> None:
    keeper.apply(
        IndexChange(
            revision=keeper.current.revision + 1,
            foreign_references=keeper.current.foreign_references,
            added=tuple(AddedTemplate(subject, reference, vector.copy()) for subject, reference, vector in templates),
            names={subject: f"Name {subject}" for subject, _, _ in templates},
        )
    )


def drop(keeper: IndexKeeper, *references: str, gone: Sequence[str] = ()) -> None:
    keeper.apply(
        IndexChange(
            revision=keeper.current.revision + 1,
            foreign_references=0,
            dropped=frozenset(references),
            names=dict.fromkeys(gone),
        )
    )


def brute_force(kept: Sequence[tuple[str, str, np.ndarray]], probe: np.ndarray, top: int) -> list[tuple[str, float]]:
    best: dict[str, float] = {}
    for subject, _, vector in kept:
        best[subject] = max(best.get(subject, -2.0), float(vector.astype(np.float64) @ probe.astype(np.float64)))
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:top]


@given(
    owners=st.lists(st.integers(0, 12), max_size=80),
    dropped=st.sets(st.integers(0, 79)),
    top=st.integers(1, 15),
    seed=st.integers(0, 2**16),
)
@settings(deadline=None, max_examples=200)
def test_the_search_equals_comparing_everything(owners: list[int], dropped: set[int], top: int, seed: int):
    templates = [(f"s{owner}", f"r{row}", unit(seed + row)) for row, owner in enumerate(owners)]
    keeper = empty_keeper()
    for template in templates:
        add(keeper, template)
    lost = {f"r{row}" for row in dropped if row < len(owners)}
    if lost:
        drop(keeper, *lost)
    kept = [template for template in templates if template[1] not in lost]
    probe = unit(seed + 1000)
    found = keeper.current.search(probe, top)
    expected = brute_force(kept, probe, top)
    assert [one.subject_id for one in found] == [subject for subject, _ in expected]
    assert [one.score for one in found] == pytest.approx([score for _, score in expected], abs=1e-6)
    by_reference = {reference: (subject, vector) for subject, reference, vector in kept}
    for one in found:
        subject, vector = by_reference[one.reference_id]
        assert subject == one.subject_id
        assert float(vector @ probe) == pytest.approx(one.score, abs=1e-6)
    assert (keeper.current.references, keeper.current.subjects) == (len(kept), len({one[0] for one in kept}))


@pytest.mark.parametrize(("subjects", "per_subject", "top"), [(3000, 1, 5), (1000, 3, 2), (5, 600, 5), (2, 1300, 10)])
def test_the_search_of_a_large_gallery_equals_comparing_everything(subjects: int, per_subject: int, top: int):
    vectors = np.random.default_rng(1).standard_normal((subjects * per_subject, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    templates = [(f"s{row % subjects}", f"r{row}", vector) for row, vector in enumerate(vectors)]
    keeper = empty_keeper()
    add(keeper, *templates)
    for seed in range(20):
        found = keeper.current.search(unit(seed), top)
        expected = brute_force(templates, unit(seed), top)
        assert [one.subject_id for one in found] == [subject for subject, _ in expected]


def test_equal_scores_are_named_in_the_order_of_their_subjects():
    keeper = empty_keeper()
    same = unit(1)
    add(keeper, *[(subject, f"r-{subject}", same) for subject in ("dora", "anna", "carl", "bert")])
    assert [one.subject_id for one in keeper.current.search(same, 2)] == ["anna", "bert"]


def test_an_empty_gallery_finds_nobody():
    assert empty_keeper().current.search(unit(1), 5) == ()
    assert empty_keeper().current.nearest_other(unit(1), "anna") is None


def test_a_gallery_of_another_pack_is_refused_and_not_silently_empty():
    keeper = empty_keeper(foreign=3)
    with pytest.raises(Conflict) as refusal:
        keeper.current.search(unit(1), 2)
    assert refusal.value.reason is ErrorReason.EMBEDDING_MISMATCH
    assert refusal.value.metadata["foreign_references"] == "3"
    assert keeper.current.nearest_other(unit(1), "anna") is None


def test_a_probe_of_another_dimension_is_refused():
    keeper = empty_keeper()
    add(keeper, ("anna", "r1", unit(1)))
    for compare in (
        lambda probe: keeper.current.search(probe, 1),
        lambda probe: keeper.current.score_of("anna", probe),
    ):
        with pytest.raises(Conflict) as refusal:
            compare(unit(1, dimension=9))
        assert refusal.value.reason is ErrorReason.EMBEDDING_MISMATCH


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_probe_that_is_no_vector_is_never_compared(bad: float):
    keeper = empty_keeper()
    add(keeper, ("anna", "r1", unit(1)))
    probe = unit(1)
    probe[3] = bad
    with pytest.raises(ValueError, match="finite"):
        keeper.current.search(probe, 1)


def test_a_snapshot_keeps_answering_as_of_its_revision_while_the_gallery_grows():
    keeper = empty_keeper()
    add(keeper, ("anna", "r1", unit(1)))
    before = keeper.current
    for row in range(500):
        add(keeper, (f"s{row}", f"q{row}", unit(row + 10)), ("anna", f"a{row}", unit(row + 5000)))
    assert [one.subject_id for one in before.search(unit(12), 5)] == ["anna"]
    assert (before.references, before.subjects, before.revision) == (1, 1, 1)
    assert not before.holds("s3")
    assert before.references_of("anna") == {"r1"}
    assert before.score_of("anna", unit(1)) == pytest.approx(1.0, abs=1e-6)
    assert before.name_of("s3") == ""
    assert keeper.current.search(unit(12), 1)[0].subject_id == "s2"


def test_an_erased_subject_matches_nothing_in_snapshots_taken_before():
    keeper = empty_keeper()
    add(keeper, ("anna", "r1", unit(1)), ("bert", "r2", unit(2)))
    old = keeper.current
    drop(keeper, "nothing")  # another generation in between
    middle = keeper.current
    drop(keeper, "r1", gone=["anna"])
    for snapshot in (old, middle):
        assert all(one.score == 0.0 for one in snapshot.search(unit(1), 5) if one.subject_id == "anna")
        assert snapshot.search(unit(2), 1)[0].subject_id == "bert"
    assert [one.subject_id for one in keeper.current.search(unit(1), 5)] == ["bert"]
    assert not keeper.current.holds("anna")
    assert keeper.current.name_of("anna") == ""


def test_a_vector_handed_over_is_wiped_and_wiping_leaves_no_template():
    keeper = empty_keeper()
    vector = unit(1)
    keeper.apply(IndexChange(revision=1, foreign_references=0, added=(AddedTemplate("anna", "r1", vector),)))
    assert not vector.any()
    block = keeper.current.rows.parts[0].block
    assert block.matrix.any()
    assert block.rough.any()
    keeper.wipe()
    assert not block.matrix.any()
    assert not block.rough.any()


def test_searches_see_whole_revisions_while_another_thread_writes():
    keeper = empty_keeper()
    add(keeper, ("anna", "r-anna", unit(1)))
    done = threading.Event()
    wrong: list[object] = []

    def search() -> None:
        while not done.is_set():
            index = keeper.current
            found = index.search(unit(1), 3)
            if found[0].subject_id != "anna" or index.references != 1 + (index.revision - 1) % 2:
                wrong.append((found, index))

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for round_ in range(300):
        add(keeper, ("bert", f"r{round_}", unit(2)))
        drop(keeper, f"r{round_}", gone=["bert"])
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong
