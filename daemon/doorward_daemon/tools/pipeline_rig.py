"""The daemon's own pipeline on a gallery of random subjects, with an ear at its models."""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.gallery import open_gallery
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.model.decision import Outcome
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.model.picture import Picture
from doorward_daemon.packs.manifest import PackManifest
from doorward_daemon.recognition.opening import JudgingSettings, PackModels, cohort_of, open_recogniser
from doorward_daemon.recognition.pipeline import Recogniser
from doorward_daemon.recognition.self_test import golden_picture
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.lab import opened_runtime, running_pack
from doorward_daemon.tools.random_gallery import enrol_random
from doorward_daemon.tools.recorded_runtime import RecordedRuntime
from doorward_daemon.tools.report import remark
from doorward_daemon.vision.picture import decode_picture

FRAME_PX = (640, 480)
"""Size of a common camera's frame."""


@dataclass(frozen=True, slots=True, eq=False)
class PipelineRig:
    """What a measurement of the pipeline needs."""

    recogniser: Recogniser
    """The pipeline."""
    runtime: RecordedRuntime
    """Its models' runtime."""
    manifest: PackManifest
    """Its pack."""
    liveness: LivenessPolicy
    """What is asked of liveness."""
    content: bytes
    """The encoded picture."""
    picture: Picture
    """The same, decoded."""
    face: Face
    """Its largest face."""


def demonstration_picture() -> bytes:
    """A JPEG of FRAME_PX: the astronaut of the self-test before a grey wall, filling the height."""
    with Image.open(io.BytesIO(golden_picture())) as golden:
        height = FRAME_PX[1]
        portrait = golden.convert("RGB").resize((round(golden.width * height / golden.height), height))
    frame = Image.new("RGB", FRAME_PX, (96, 104, 112))
    frame.paste(portrait, ((FRAME_PX[0] - portrait.width) // 2, 0))
    encoded = io.BytesIO()
    frame.save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


@contextmanager
def open_rig(context: ToolContext, pack_name: str, content: bytes, subjects: int) -> Iterator[PipelineRig]:
    """Opens the pipeline on a gallery of its own, in which the person of the picture is enrolled last.

    Args:
        context: home and settings.
        pack_name: name of an installed pack; empty = the configured, else the active one.
        content: an encoded picture with a face.
        subjects: in the gallery, the person of the picture included.

    Raises:
        InvalidInput: a PICTURE_ reason.
        Conflict: NO_FACE, PACK_MISSING, PACK_DAMAGED.
        Fault: INFERENCE_FAILED.
    """
    with ExitStack() as stack:
        devices = stack.enter_context(opened_runtime(context))
        pack = running_pack(context, pack_name, devices)
        runtime = RecordedRuntime(devices)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="doorward-bench-")))
        cohort = cohort_of(pack.manifest)
        gallery = stack.enter_context(open_gallery(folder, pack.manifest.embedding_id, context.gallery, cohort=cohort))
        rule = OpenSetRule(pack.manifest.calibration, context.judging.open_set)

        def recogniser_with(settings: JudgingSettings) -> Recogniser:
            return open_recogniser(PackModels(pack, runtime, settings), gallery, rule)

        picture = decode_picture(content, context.judging.picture)
        recogniser = recogniser_with(context.judging)
        devices.settle()
        judgement = recogniser.sample(picture).judgement
        if judgement is None or judgement.embedding is None:
            raise Conflict(ErrorReason.NO_FACE, "the picture shows no face; name one that does with --picture")
        enrol_random(gallery, subjects, judgement.embedding.template)
        policy = context.judging.recognition.liveness
        if recogniser.identify(content).outcome is Outcome.SPOOF:
            # A picture of a picture ends at liveness; what comes behind it would not be measured.
            remark("liveness takes the picture for an attack: it is measured with liveness off")
            policy = LivenessPolicy.OFF
            recognition = replace(context.judging.recognition, liveness=policy)
            recogniser = recogniser_with(replace(context.judging, recognition=recognition))
        yield PipelineRig(recogniser, runtime, pack.manifest, policy, content, picture, judgement.judged.face)
