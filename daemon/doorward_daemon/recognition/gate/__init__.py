"""The gate: whether a face is worth comparing, and what the person can do about it."""

from doorward_daemon.recognition.gate.evidence import FaceEvidence
from doorward_daemon.recognition.gate.quality_gate import QualityGate
from doorward_daemon.recognition.gate.quality_score import Deduction, QualityScore, ScoredFace
from doorward_daemon.recognition.gate.settings import GateSettings

__all__ = ["Deduction", "FaceEvidence", "GateSettings", "QualityGate", "QualityScore", "ScoredFace"]
