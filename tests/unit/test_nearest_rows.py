"""A first look in bytes leaves out no row that matters: what is found is what comparing everything finds."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward_daemon.gallery import byte_products, nearest_rows, template_block
from doorward_daemon.gallery.index_keeper import AddedTemplate, IndexChange, IndexKeeper
from doorward_daemon.gallery.rough_vectors import RoughProbe, roughen
from doorward_daemon.gallery.search_index import SearchIndex
from doorward_daemon.gallery.template_rows import TemplateRows
from doorward_daemon.tools.memory_index import keeper_of
from doorward_daemon.tools.random_gallery import random_vectors

pytestmark = pytest.mark.skipif(not byte_products.HAS_BYTE_PRODUCTS, reason="no byte products for this processor")

KINDS = ("random", "clustered", "duplicated", "one value", "half steps", "tiny", "one long", "zeros")


@pytest.fixture(scope="module", autouse=True)
def always_a_first_look():
    """Blocks of a few rows, and a first look that is never given up: the gates are for speed, not for the answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(template_block, "BLOCK_ROWS", 16)
        patch.setattr(nearest_rows, "ROUGH_FROM", 0)
        patch.setattr(nearest_rows, "_LEAST_OUT", 0)
        yield


def vectors_of(kind: str, rows: int, dimension: int, rng: np.random.Generator) -> np.ndarray:
    vectors = rng.standard_normal((rows, dimension))
    if kind == "clustered":
        vectors = vectors[rng.integers(0, 3, rows) % rows] + 10.0 ** rng.integers(-7, -2) * vectors
    elif kind == "duplicated":
        vectors = vectors[rng.integers(0, 4, rows) % rows]
    elif kind == "one value":
        vectors = np.sign(vectors)
    elif kind == "half steps":
        vectors = np.rint(vectors * 60) + 0.5
        vectors[:, 0] = 127.0
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    if kind == "tiny":
        vectors *= 10.0 ** rng.integers(-30, 0, (rows, 1))
    elif kind == "one long":
        vectors[0] *= 1000.0
    elif kind == "zeros":
        vectors[rng.random(rows) < 0.3] = 0.0
    return vectors.astype(np.float32)


def everything(
    index: SearchIndex, kept: dict[str, tuple[str, np.ndarray]], probe: np.ndarray, top: int
) -> list[tuple[str, float]]:
    """Subjects and scores by comparing every reference, without the index."""
    assert index.references == len(kept)
    best: dict[str, float] = {}
    scores = np.vecdot(
        np.array([vector for _, vector in kept.values()], np.float32).reshape(len(kept), len(probe)), probe
    )
    for (subject_id, _), score in zip(kept.values(), scores.tolist(), strict=True):
        best[subject_id] = max(best.get(subject_id, -np.inf), score)
    return sorted(best.items(), key=lambda one: (-one[1], one[0]))[:top]


def check(index: SearchIndex, kept: dict[str, tuple[str, np.ndarray]], probe: np.ndarray, top: int) -> None:
    found = index.search(probe, top)
    assert [(one.subject_id, one.score) for one in found] == everything(index, kept, probe, top)
    for one in found:
        subject_id, vector = kept[one.reference_id]
        assert subject_id == one.subject_id
        assert float(np.vecdot(vector, probe)) == one.score


@given(
    kind=st.sampled_from(KINDS),
    rows=st.integers(1, 120),
    subjects=st.integers(1, 60),
    dimension=st.sampled_from((1, 2, 7, 32, 128, 512)),
    top=st.integers(1, 6),
    share_dropped=st.sampled_from((0.0, 0.1, 0.6)),
    seed=st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=250)
def test_what_is_found_is_what_comparing_everything_finds(
    kind: str, rows: int, subjects: int, dimension: int, top: int, share_dropped: float, seed: int
):
    rng = np.random.default_rng(seed)
    vectors = vectors_of(kind, rows, dimension, rng)
    owners = [f"s{owner}" for owner in rng.integers(0, subjects, rows)]
    keeper = keeper_of("tests", zip(owners, vectors, strict=True))
    kept = {f"reference-{row}": (owners[row], vectors[row]) for row in range(rows)}
    dropped = frozenset(name for name in kept if rng.random() < share_dropped)
    keeper.apply(IndexChange(revision=1, foreign_references=0, dropped=dropped))
    kept = {name: one for name, one in kept.items() if name not in dropped}
    near = vectors[rng.integers(rows)] + np.float32(0.3) * vectors_of("random", 1, dimension, rng)[0]
    for probe in (vectors_of("random", 1, dimension, rng)[0], near, vectors[0], np.zeros(dimension, np.float32)):
        check(keeper.current, kept, probe, top)


@given(kind=st.sampled_from(KINDS), dimension=st.sampled_from((1, 8, 128, 512)), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=100)
def test_no_score_is_farther_from_its_rough_score_than_was_promised(kind: str, dimension: int, seed: int):
    rng = np.random.default_rng(seed)
    vectors, probe = vectors_of(kind, 40, dimension, rng), vectors_of("random", 1, dimension, rng)[0]
    rough, scales, out = np.zeros((40, dimension), np.int8), np.zeros(40, np.float32), np.zeros(40, np.float32)
    made, asked = roughen(vectors, rough, scales), RoughProbe(probe)
    asked.scores(rough, scales, out)
    assert np.abs(out.astype(np.float64) - np.vecdot(vectors, probe)).max() <= asked.width(made.longest, made.roughest)


def test_the_first_look_leaves_few_rows_of_a_gallery_of_strangers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nearest_rows, "_LEAST_OUT", 20)
    compared: list[int] = []
    whole = nearest_rows._scores_of

    def counted(view, probe, rows):
        compared.append(len(rows))
        return whole(view, probe, rows)

    monkeypatch.setattr(nearest_rows, "_scores_of", counted)
    vectors = random_vectors(4000, 512)
    index = keeper_of("tests", ((f"s{row}", vector) for row, vector in enumerate(vectors))).current
    for probe in random_vectors(10, 512, seed=1):
        index.search(probe, 3)
    assert len(compared) == 10
    assert max(compared) < 200


def test_a_first_look_that_leaves_too_much_is_given_up_and_the_answer_is_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nearest_rows, "_LEAST_OUT", 8)
    monkeypatch.setattr(nearest_rows, "_scores_of", lambda *_: pytest.fail("compared row by row"))
    vectors = vectors_of("duplicated", 100, 32, np.random.default_rng(0))
    keeper = keeper_of("tests", ((f"s{row}", vector) for row, vector in enumerate(vectors)))
    kept = {f"reference-{row}": (f"s{row}", vector) for row, vector in enumerate(vectors)}
    check(keeper.current, kept, vectors[0], 3)


def test_a_template_erased_in_the_middle_of_a_search_hides_nobody_else(monkeypatch: pytest.MonkeyPatch):
    # By their first number: the two best ones stand far above the third, which the first look leaves out.
    vectors = [np.array([score, np.sqrt(1.0 - score**2)], np.float32) for score in (1.0, 0.9, 0.5, 0.4, 0.3)]
    keeper = keeper_of("tests", ((f"s{row}", vector) for row, vector in enumerate(vectors)))
    index, whole = keeper.current, nearest_rows._scores_of

    def erasing_before(view, probe, rows):
        keeper.apply(IndexChange(revision=1, foreign_references=0, dropped=frozenset({"reference-0"})))
        return whole(view, probe, rows)

    monkeypatch.setattr(nearest_rows, "_scores_of", erasing_before)
    assert [one.subject_id for one in index.search(vectors[0], 2)] == ["s1", "s2"]


@given(
    rows=st.integers(1, 100),
    members=st.sets(st.integers(0, 40)),
    top=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=100)
def test_a_group_is_searched_as_if_there_were_nobody_else(rows: int, members: set[int], top: int, seed: int):
    rng = np.random.default_rng(seed)
    vectors, owners = vectors_of("duplicated", rows, 16, rng), [f"s{owner}" for owner in rng.integers(0, 40, rows)]
    index = keeper_of("tests", zip(owners, vectors, strict=True)).current
    group = index.group(f"s{member}" for member in members)
    kept = [(owner, vector) for owner, vector in zip(owners, vectors, strict=True) if int(owner[1:]) in members]
    alone = keeper_of("tests", kept).current
    probe = vectors_of("random", 1, 16, rng)[0]
    found, expected = index.search(probe, top, group), alone.search(probe, top) if kept else ()
    assert [(one.subject_id, one.score) for one in found] == [(one.subject_id, one.score) for one in expected]


def test_a_group_of_another_snapshot_is_refused():
    keeper = keeper_of("tests", [("anna", random_vectors(1, 8)[0])])
    group = keeper.current.group(["anna"])
    keeper.apply(IndexChange(revision=1, foreign_references=0, dropped=frozenset({"reference-0"})))
    with pytest.raises(ValueError, match="another snapshot"):
        keeper.current.search(random_vectors(1, 8)[0], 1, group)


def test_adding_and_removing_copies_no_other_block():
    rows = TemplateRows()
    for row, vector in enumerate(random_vectors(50, 8)):
        rows.append(f"s{row}", f"r{row}", 8)[:] = vector
    before = rows.view()
    rows.append("new", "new", 8)[:] = random_vectors(1, 8, seed=1)[0]
    rows.drop(frozenset({"r3"}))
    after = rows.view()
    assert [part.block for part in before.parts] == [part.block for part in after.parts]
    assert (before.references, after.references, len(after.dead)) == (50, 50, 1)
    rows.drop(frozenset({f"r{row}" for row in range(16, 22)}))
    compacted = rows.view()
    kept = [part.block for part in before.parts]
    assert [part.block for part in compacted.parts][:3] == [kept[0], kept[2], kept[3]]
    assert compacted.references == 44
    assert {compacted.subject_of(row) for row in range(compacted.total)} - {"s3"} == {
        *(f"s{row}" for row in range(50) if row != 3 and not 16 <= row < 22),
        "new",
    }


def test_a_gallery_that_changes_for_long_keeps_no_more_blocks_than_it_needs():
    keeper = IndexKeeper(
        SearchIndex(embedding_id="tests", revision=0, rows=TemplateRows().view()), TemplateRows(), TemplateRows()
    )
    vectors = random_vectors(600, 8)
    kept: dict[str, tuple[str, np.ndarray]] = {}
    for row, vector in enumerate(vectors):
        added = (AddedTemplate(f"s{row % 30}", f"r{row}", vector.copy()),)
        dropped = frozenset(list(kept)[row % 40 : row % 40 + 1]) if row >= 40 else frozenset()
        keeper.apply(IndexChange(revision=row + 1, foreign_references=0, added=added, dropped=dropped))
        kept = {name: one for name, one in kept.items() if name not in dropped} | {f"r{row}": (f"s{row % 30}", vector)}
        if row % 50 == 0:
            check(keeper.current, kept, vectors[row], 3)
    check(keeper.current, kept, vectors[7], 5)
    assert keeper.current.subjects == len({subject_id for subject_id, _ in kept.values()})
    assert len(keeper.current.rows.parts) <= 2 * (len(kept) // 16 + 1)


def test_searches_see_whole_revisions_while_blocks_fill_and_are_given_up():
    vectors = random_vectors(40, 32)
    keeper = keeper_of("tests", ((f"s{row}", vector) for row, vector in enumerate(vectors)))
    asked = [(probe, everything_of(vectors, probe)) for probe in vectors[:8]]
    # Guests are farther from every probe than any of the forty, and so never named.
    guest = -vectors[:8].sum(axis=0)
    done = threading.Event()
    wrong: list[object] = []

    def search() -> None:
        while not done.is_set():
            for probe, expected in asked:
                index = keeper.current
                found = index.search(probe, 1)
                if found[0].subject_id != expected or index.references != 40 + index.revision % 30:
                    wrong.append((found, index))

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for revision in range(1, 300):
        many = revision % 30
        added = (AddedTemplate("guest", f"g{revision}", guest.copy()),) if many else ()
        dropped = frozenset() if many else frozenset(f"g{one}" for one in range(revision - 29, revision))
        keeper.apply(IndexChange(revision=revision, foreign_references=0, added=added, dropped=dropped))
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(keeper.current.rows.parts) <= 6


def everything_of(vectors: np.ndarray, probe: np.ndarray) -> str:
    return f"s{int(np.argmax(np.vecdot(vectors, probe)))}"
