"""While the gallery's database is busy for long with a transaction, people are identified and verified all the same."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from doorward_daemon.errors import NotFound
from doorward_daemon.gallery import Gallery
from doorward_daemon.model.decision import Outcome, VerificationOutcome
from doorward_daemon.model.quality import QualityBand
from doorward_daemon.model.subject import Reference
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.recognition.self_test import golden_picture
from doorward_testing.masked_faces import MaskedFaces, open_masked_faces

pytestmark = pytest.mark.models
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory, any_pack: InstalledPack) -> Iterator[MaskedFaces]:
    with open_masked_faces(tmp_path_factory.mktemp("busy"), any_pack) as opened:
        yield opened


def enrol(faces: MaskedFaces, quality_score: float) -> None:
    """Puts the golden picture's person into the gallery as ada."""
    template = faces.recogniser().identify(golden_picture(), 1).template
    assert template is not None
    created = datetime(2026, 1, 1, tzinfo=UTC)
    reference = Reference("r1", quality_score, QualityBand.HIGH, template.embedding_id, template.precision, created)
    with faces.gallery.writing(growing=True) as writing:
        writing.add_subject("ada", "Ada")
        writing.add_subject("nobody", "")
        writing.add_active("ada", reference, "op", template)


def hold(gallery: Gallery, entered: threading.Event, release: threading.Event) -> None:
    """A transaction that takes long."""
    with gallery.writing(growing=False, local=False) as writing:
        writing.add_subject("eve", "Eve")
        entered.set()
        assert release.wait(PATIENCE_S)


def test_who_is_enrolled_is_identified_and_verified_while_a_transaction_takes_long(faces: MaskedFaces):
    enrol(faces, 0.77)
    recogniser = faces.recogniser()
    entered, release = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as threads:
        holding = threads.submit(hold, faces.gallery, entered, release)
        assert entered.wait(PATIENCE_S)
        try:
            found = threads.submit(recogniser.identify, golden_picture(), 1).result(PATIENCE_S)
            verified = threads.submit(recogniser.verify, golden_picture(), None, "ada").result(PATIENCE_S)
            with pytest.raises(NotFound):
                threads.submit(recogniser.verify, golden_picture(), None, "eve").result(PATIENCE_S)
        finally:
            release.set()
        holding.result(PATIENCE_S)
    assert (found.outcome, verified.outcome) == (Outcome.MATCHED, VerificationOutcome.MATCHED)
    assert faces.gallery.index().best_quality_of("ada") == 0.77
    assert faces.gallery.index().best_quality_of("nobody") == 0.0
