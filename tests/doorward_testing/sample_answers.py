"""Complete answers as a daemon gives them to an operator, for tests of clients."""

from datetime import UTC, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from doorward_api.v1.access_pb2 import Door, DoorState
from doorward_api.v1.camera_pb2 import Camera, CameraState, CameraView, Track
from doorward_api.v1.decision_pb2 import (
    Candidate,
    DecisionRule,
    Explanation,
    Identification,
    ModelUse,
    Outcome,
    SideAdvice,
    StageTime,
    Verification,
    VerificationOutcome,
    VerificationSide,
)
from doorward_api.v1.device_pb2 import (
    DeviceState,
    GalleryStatus,
    RuntimeTruth,
    SelfTestCheck,
    SelfTestReport,
    UplinkState,
)
from doorward_api.v1.device_service_pb2 import GetInfoResponse, GetStatusResponse, GetUplinkStatusResponse
from doorward_api.v1.event_pb2 import ClockState, Event, EventLane
from doorward_api.v1.face_pb2 import BoundingBox, Face, Landmarks, Point
from doorward_api.v1.liveness_pb2 import LivenessAssessment, LivenessVerdict
from doorward_api.v1.pack_pb2 import Pack, PackModel
from doorward_api.v1.picture_pb2 import Resolution
from doorward_api.v1.quality_pb2 import Guidance, QualityAssessment, QualityBand, QualityComponent, QualityReason
from doorward_api.v1.recognition_service_pb2 import ExtractResponse
from doorward_api.v1.subject_pb2 import ErasureReceipt, Reference, Subject

MOMENT = Timestamp()
"""2026-03-04 05:06:07.5 UTC."""
MOMENT.FromDatetime(datetime(2026, 3, 4, 5, 6, 7, 500_000, tzinfo=UTC))
BEYOND_DOUBLE = 2**53 + 1
"""An integer that only survives as a number where nobody made a float of it."""


def seconds(count: float) -> Duration:
    """A duration."""
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=count))
    return duration


FACE = Face(
    box=BoundingBox(left_px=10.4, top_px=20.0, right_px=110.6, bottom_px=140.0),
    landmarks=Landmarks(right_eye=Point(x_px=40.0, y_px=60.0), nose_tip=Point(x_px=60.0, y_px=80.0)),
    detection_score=0.9375,
    quality=QualityAssessment(
        score=0.71,
        band=QualityBand.QUALITY_BAND_MEDIUM,
        reasons=[QualityReason.QUALITY_REASON_BLUR, QualityReason.QUALITY_REASON_TOO_DARK],
        guidance=[Guidance.GUIDANCE_HOLD_STILL, Guidance.GUIDANCE_MORE_LIGHT],
        components=[QualityComponent(name="Sharpness", algorithm_id="laplacian.1", native_value=3.5, score=41)],
    ),
    liveness=LivenessAssessment(verdict=LivenessVerdict.LIVENESS_VERDICT_LIVE, score=0.98),
)
"""A face with complaints."""

ADA = Candidate(
    subject_id="ada", display_name="Ada 爱达", reference_id="ref-1", comparison_score=0.713, similarity=0.931
)
"""Who is found."""

EXPLANATION = Explanation(
    rule=DecisionRule.DECISION_RULE_THRESHOLD_AND_MARGIN,
    gates_passed=["detect", "pre_gate", "liveness", "gate", "threshold", "margin"],
    threshold=0.412,
    margin_needed=0.05,
    margin_found=0.31,
    target_fpir=0.01,
    gallery_subjects=12,
    gallery_revision=BEYOND_DOUBLE,
    frames_used=1,
    pack="compact",
    embedding_id="compact-1",
    models=[ModelUse(name="yunet", sha256="ab" * 32)],
    runtime="openvino",
    requested_device="auto",
    actual_device="cpu",
    precision="f32",
    calibration="pack compact",
    stage_times=[
        StageTime(stage="decode", duration=seconds(0.0031)),
        StageTime(stage="detect", duration=seconds(0.008)),
    ],
)
"""Why it is her."""

MATCHED = Identification(
    outcome=Outcome.OUTCOME_MATCHED,
    match=ADA,
    candidates=[ADA, Candidate(subject_id="bob", comparison_score=0.4, similarity=0.48)],
    face=FACE,
    face_count=1,
    explanation=EXPLANATION,
)
"""An identification with everything in it."""

SAME = Verification(
    outcome=VerificationOutcome.VERIFICATION_OUTCOME_LOW_QUALITY,
    comparison_score=0.5,
    similarity=0.6,
    trusted=False,
    poor_sides=[VerificationSide.VERIFICATION_SIDE_REFERENCE],
    probe_face=FACE,
    reference_face=FACE,
    explanation=EXPLANATION,
    advice=[
        SideAdvice(
            side=VerificationSide.VERIFICATION_SIDE_REFERENCE,
            reasons=[QualityReason.QUALITY_REASON_BLUR],
            guidance=[Guidance.GUIDANCE_HOLD_STILL],
        )
    ],
    reference_quality_score=0.87,
)
"""A verification with everything in it."""

FEATURE = ExtractResponse(
    feature=[0.1, -0.25, 1.0],
    quality_score=0.71,
    resolution=Resolution(width_px=640, height_px=480),
    detected_face_area_ratio=0.04,
    face=FACE,
    embedding_id="compact-1",
    precision="f32",
    face_count=1,
)
"""A feature; 0.1 has no short form but in single precision."""

REPORT = SelfTestReport(
    passed=True,
    checks=[SelfTestCheck(name="boxes", passed=True, detail="within 0.01 px")],
    run_time=MOMENT,
    duration=seconds(0.25),
)
"""A self-test that passed."""

STATUS = GetStatusResponse(
    state=DeviceState.DEVICE_STATE_DEGRADED,
    problems=["liveness models are missing"],
    start_time=MOMENT,
    uptime=seconds(90.5),
    resident_memory_bytes=300_000_000,
    pack="compact",
    embedding_id="compact-1",
    runtime=RuntimeTruth(
        runtime="openvino",
        runtime_version="2025.2",
        requested_device="auto",
        actual_device="cpu",
        requested_precision="f32",
        actual_precision="f32",
    ),
    gallery=GalleryStatus(subjects=2, references=3, foreign_references=1, revision=BEYOND_DOUBLE),
    self_test=REPORT,
)
"""How a device is."""

INFO = GetInfoResponse(
    device_id="gate-7",
    version="0.1.0",
    api_version="doorward_api.v1",
    role="operator",
    max_picture_bytes=8_388_608,
    max_picture_pixels=16_000_000,
    max_message_bytes=9_437_184,
    max_faces=64,
    picture_formats=["jpeg", "png"],
)
"""What a device is."""

COMPACT = Pack(
    name="compact",
    version="1",
    description="small",
    models=[PackModel(name="yunet", role="detector", sha256="ab" * 32, size_bytes=BEYOND_DOUBLE, licence="MIT")],
    embedding_id="compact-1",
    embedding_dimension=128,
    installed=True,
    active=True,
)
"""A pack."""


def reference(reference_id: str = "ref-1") -> Reference:
    """A reference."""
    return Reference(
        reference_id=reference_id,
        quality_score=0.91,
        quality_band=QualityBand.QUALITY_BAND_HIGH,
        embedding_id="compact-1",
        precision="f32",
        create_time=MOMENT,
    )


def subject(subject_id: str = "ada", display_name: str = "Ada 爱达", references: int = 1) -> Subject:
    """A subject with that many references."""
    return Subject(
        subject_id=subject_id,
        display_name=display_name,
        references=[reference(f"ref-{number}") for number in range(1, references + 1)],
        revision=BEYOND_DOUBLE,
        create_time=MOMENT,
        update_time=MOMENT,
    )


RECEIPT = ErasureReceipt(
    receipt_id="receipt-1", subject_id="ada", erased_references=2, gallery_revision=8, erase_time=MOMENT
)
"""Proof of an erasure."""

EVENT = Event(
    epoch=2**62 + 1,
    lane=EventLane.EVENT_LANE_LEDGER,
    seq=41,
    event_id="0199-1",
    kind="access.granted",
    boot_id="boot-1",
    boottime_ns=BEYOND_DOUBLE,
    wall_time=MOMENT,
    clock_state=ClockState.CLOCK_STATE_SYNCED,
    payload_json='{"comparison_score":0.71,"door_id":"front","outcome":"MATCHED","subject_id":"ada"}',
    salt=b"s" * 16,
    payload_digest=b"d" * 32,
    chain_hash=b"c" * 32,
)
"""Somebody was let in."""

DOOR = Door(
    door_id="front",
    display_name="Front door 正门",
    state=DoorState.DOOR_STATE_UNLOCKED,
    openings=3,
    liveness_policy="preferred",
    challenge_policy="turn",
    mask_policy="soft",
)
"""A door."""

CAMERA = Camera(
    camera_id="gate",
    door_id="front",
    state=CameraState.CAMERA_STATE_FROZEN,
    problem="identical frames",
    frames=900,
    dropped_frames=2,
    frame_rate_hz=29.5,
    width_px=640,
    height_px=480,
)
"""A camera."""

VIEW = CameraView(
    camera_id="gate",
    frame_number=7,
    capture_time=MOMENT,
    jpeg=b"\xff\xd8picture",
    width_px=640,
    height_px=480,
    tracks=[
        Track(
            track_id=3,
            face=FACE,
            guidance=[Guidance.GUIDANCE_COME_CLOSER],
            outcome=Outcome.OUTCOME_MATCHED,
            display_name="Ada 爱达",
            evidence=1.0,
        )
    ],
)
"""A frame with somebody in it."""

UPLINK = GetUplinkStatusResponse(
    state=UplinkState.UPLINK_STATE_BACKING_OFF,
    centre_address="centre.example:8443",
    unsent_events=12,
    oldest_unsent_age=seconds(90.0),
    last_acknowledged_seq=29,
    last_problem="connection refused",
)
"""A centre that is away."""
