"""Opens the rooms of the daemon in dependency order; whatever was opened is closed in reverse, also after a failure."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from doorward_daemon.app.decision_recall import DecisionRecall
from doorward_daemon.app.gates import Gates, Judging, Records, open_gates
from doorward_daemon.config import Settings
from doorward_daemon.enrolment import EnrolmentDesk, EnrolmentSample, FaceSources
from doorward_daemon.entry import DecisionMemory
from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.gallery import Gallery, open_gallery
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.inference import DeviceRuntime, open_runtime
from doorward_daemon.journal import Journal, open_event_clock, open_journal
from doorward_daemon.model.picture import Picture
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.packs.precision import in_precision
from doorward_daemon.packs.site_profile import calibrated
from doorward_daemon.packs.store import PackStore
from doorward_daemon.recognition.opening import JudgingSettings, PackModels, cohort_of, open_recogniser
from doorward_daemon.recognition.pipeline import Recogniser
from doorward_daemon.recognition.self_test import golden_answer, golden_check
from doorward_daemon.state.data_folder import DataFolder
from doorward_daemon.telemetry.gate_figures import GateFigures


@dataclass(frozen=True, slots=True, eq=False)
class Rooms:
    """The opened rooms below the faces of the daemon."""

    store: PackStore
    """The packs on this box."""
    pack: InstalledPack
    """The pack that runs."""
    runtime: DeviceRuntime
    """Runs its models."""
    journal: Journal
    """The record."""
    judging: Judging
    """What judges: models, gallery, rule."""
    recogniser: Recogniser
    """Judges pictures."""
    enrolment: EnrolmentDesk
    """Changes the gallery."""
    memory: DecisionMemory
    """Remembers the faces of the newest decisions."""
    gates: Gates
    """Doors, cameras and the loops between them."""

    @property
    def gallery(self) -> Gallery:
        """The subjects."""
        return self.judging.gallery


def open_rooms(settings: Settings, folder: DataFolder, figures: GateFigures, stack: ExitStack) -> Rooms:
    """Opens everything from the pack to the gates. Blocks for as long as the models take to load.

    Args:
        settings: the whole configuration.
        folder: the data folder, held.
        figures: counts what gates and journal do.
        stack: closes what was opened.

    Raises:
        DoorwardError: a room cannot be opened; nothing is left half-open once `stack` is closed.
    """
    home = folder.home
    store = PackStore(home / "packs")
    runtime = open_runtime(settings.inference, home / "cache")
    stack.callback(runtime.close)
    opened = calibrated(store.open(active_pack(store, settings)), home, settings.open_set.profile)
    pack = in_precision(opened, runtime.truth.actual_precision)
    gallery = stack.enter_context(
        open_gallery(home / "data", pack.manifest.embedding_id, settings.gallery, cohort=cohort_of(pack.manifest))
    )
    clock = open_event_clock()
    journal = stack.enter_context(open_journal(home / "data", settings.journal, clock, figures.observe_commit))
    rule = OpenSetRule(pack.manifest.calibration, settings.open_set)
    models = PackModels(pack, runtime, judging_settings(settings))
    judging = Judging(models, gallery, rule)
    recogniser = open_recogniser(models, gallery, rule)
    golden = golden_answer(pack.manifest.name, runtime.truth.actual_precision, pack.folder)
    runtime.admit_with(golden_check(recogniser.extract, golden))
    if settings.inference.strict:
        runtime.settle()
    memory = DecisionMemory(settings.decision_memory, lambda subject_id: gallery.index().holds(subject_id))
    gallery.watch_erasures(memory.forget)
    enrolment = EnrolmentDesk(
        gallery,
        FaceSources(enrolment_judge(recogniser), DecisionRecall(memory, journal, pack.manifest.embedding_id)),
        pack.manifest.calibration,
        journal,
        settings.enrolment,
    )
    enrolment.settle()
    gates = open_gates(settings, judging, Records(journal, memory), figures, stack, home / "data")
    return Rooms(store, pack, runtime, journal, judging, recogniser, enrolment, memory, gates)


def active_pack(store: PackStore, settings: Settings) -> str:
    """Name of the pack to run: the configured one, else the one that was installed first.

    Raises:
        Conflict: PACK_MISSING, there is none.
    """
    name = settings.pack.name or store.active()
    if not name:
        raise Conflict(
            ErrorReason.PACK_MISSING,
            f"{store.root}: no model pack is installed; run `doorwardd models pull --auto`, or "
            "`doorwardd models pull NAME --from FOLDER` on a box without network",
            metadata={"folder": str(store.root)},
        )
    return name


def judging_settings(settings: Settings) -> JudgingSettings:
    """The settings of everything between a picture and an answer."""
    return JudgingSettings(
        picture=settings.picture,
        detection=settings.detection,
        gate=settings.gate,
        liveness=settings.liveness,
        recognition=settings.recognition,
        open_set=settings.open_set,
    )


def enrolment_judge(recogniser: Recogniser) -> Callable[[Picture], EnrolmentSample]:
    """Recognition as enrolment asks for it: the two rooms do not know each other."""

    def judge(picture: Picture) -> EnrolmentSample:
        sample = recogniser.sample(picture)
        if sample.judgement is None:
            return EnrolmentSample(None, None, sample.face_sizes_px)
        return EnrolmentSample(sample.judgement.judged, sample.judgement.embedding, sample.face_sizes_px)

    return judge
