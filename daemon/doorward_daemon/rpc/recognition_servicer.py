"""RecognitionService over the recogniser."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc

from doorward_api.v1 import picture_pb2, recognition_service_pb2_grpc
from doorward_api.v1 import recognition_service_pb2 as pb
from doorward_daemon.model.decision import Explanation, Feature, JudgedFace
from doorward_daemon.rpc.answer_cache import AnswerCache, AskedPicture
from doorward_daemon.rpc.call import Context
from doorward_daemon.rpc.fields import FieldChecks
from doorward_daemon.rpc.frame_intake import Requests
from doorward_daemon.rpc.health_board import HealthBoard
from doorward_daemon.rpc.identify_stream import StreamParts, judge_stream
from doorward_daemon.rpc.ports import Recogniser
from doorward_daemon.rpc.wire_decision import wire_identification, wire_verification
from doorward_daemon.rpc.wire_face import wire_face
from doorward_daemon.rpc.work_queue import WorkQueue
from doorward_daemon.telemetry import Metrics

_MOST_CANDIDATES = 10
_DEFAULT_CANDIDATES = 3


class RecognitionServicer(recognition_service_pb2_grpc.RecognitionServiceServicer):
    """Judges pictures on the threads of one line.

    Args:
        recogniser: judges them.
        queue: the line.
        board: says whether the pipeline is fit.
        metrics: where outcomes are counted.
        answers: remembers identifications.
        streams: judges streams of frames; None where this device does not.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        queue: WorkQueue,
        board: HealthBoard,
        metrics: Metrics,
        answers: AnswerCache,
        streams: StreamParts | None = None,
    ) -> None:
        self._recogniser = recogniser
        self._queue = queue
        self._board = board
        self._metrics = metrics
        self._answers = answers
        self._streams = streams

    async def Detect(self, request: pb.DetectRequest, context: Context) -> pb.DetectResponse:
        """Finds the faces of a picture."""
        self._board.require_pipeline()
        content = request.picture.content
        found = await self._queue.run(lambda: self._recogniser.detect(content))
        self._count_quality(*found.faces)
        return pb.DetectResponse(
            faces=[wire_face(judged) for judged in found.faces],
            resolution=picture_pb2.Resolution(width_px=found.width_px, height_px=found.height_px),
        )

    async def Extract(self, request: pb.ExtractRequest, context: Context) -> pb.ExtractResponse:
        """Computes the feature of the largest face."""
        self._board.require_pipeline()
        content = request.picture.content
        feature = await self._queue.run(lambda: self._recogniser.extract(content))
        self._count_quality(feature.judged)
        return _wire_feature(feature)

    async def Verify(self, request: pb.VerifyRequest, context: Context) -> pb.VerifyResponse:
        """Compares a picture with another one or with a subject."""
        subject_id = request.subject_id if request.HasField("subject_id") else None
        reference = request.reference_picture.content if request.HasField("reference_picture") else None
        checks = FieldChecks()
        if subject_id is not None:
            checks.identity("subject_id", subject_id)
        elif reference is None:
            checks.add("reference", "expected exactly one of reference_picture and subject_id, found neither")
        checks.refuse_if_wrong()
        self._board.require_pipeline()
        probe = request.probe.content
        found = await self._queue.run(lambda: self._recogniser.verify(probe, reference, subject_id))
        self._metrics.count_verification(found.outcome, found.explanation.rule)
        self._count(found.explanation, found.probe)
        return pb.VerifyResponse(verification=wire_verification(found))

    async def Identify(self, request: pb.IdentifyRequest, context: Context) -> pb.IdentifyResponse:
        """Asks whom a picture shows."""
        checks = FieldChecks()
        wanted = checks.count(
            "max_candidates", request.max_candidates, most=_MOST_CANDIDATES, default=_DEFAULT_CANDIDATES
        )
        checks.refuse_if_wrong()
        self._board.require_pipeline()
        content = request.picture.content
        asked, revision = AskedPicture.of(content, wanted), self._recogniser.gallery_revision()
        found = self._answers.get(asked, revision)
        is_remembered = found is not None
        if found is None:
            found = await self._queue.run(lambda: self._recogniser.identify(content, wanted))
            self._answers.put(asked, revision, found)
            self._count(found.explanation, found.judged)
        else:
            self._metrics.count_remembered_answer()
        self._metrics.count_identification(found.outcome, found.explanation.rule)
        return pb.IdentifyResponse(identification=wire_identification(found), is_remembered=is_remembered)

    async def IdentifyStream(self, requests: Requests, context: Context) -> AsyncIterator[pb.IdentifyStreamResponse]:
        """Judges the frames of a client's own camera."""
        if self._streams is None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "this device judges no streams of frames")
            return
        async with aclosing(judge_stream(self._streams, requests)) as responses:
            async for response in responses:
                yield response

    def _count(self, why: Explanation, judged: JudgedFace | None) -> None:
        self._metrics.observe_stages((time.stage, time.duration_ms) for time in why.stage_times)
        self._count_quality(judged)

    def _count_quality(self, *faces: JudgedFace | None) -> None:
        for judged in faces:
            if judged is not None and judged.quality is not None:
                self._metrics.count_quality_reasons(judged.quality.reasons)


def _wire_feature(feature: Feature) -> pb.ExtractResponse:
    quality = feature.judged.quality
    return pb.ExtractResponse(
        feature=feature.vector,
        quality_score=0.0 if quality is None else quality.score,
        resolution=picture_pb2.Resolution(width_px=feature.width_px, height_px=feature.height_px),
        detected_face_area_ratio=feature.face_area_ratio,
        face=wire_face(feature.judged),
        embedding_id=feature.embedding_id,
        precision=feature.precision,
        face_count=feature.face_count,
    )
