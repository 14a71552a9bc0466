"""Puts a gate's judgement together from a pack's models and a gallery."""

from doorward_daemon.access import DoorPolicy
from doorward_daemon.gallery import Gallery
from doorward_daemon.gate_loop.identifier import IdentifierParts
from doorward_daemon.gate_loop.settings import GateLoopSettings
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.recognition.opening import PackModels


def open_gate_parts(
    models: PackModels, gallery: Gallery, rule: OpenSetRule, policy: DoorPolicy, settings: GateLoopSettings
) -> IdentifierParts:
    """Wires up what judges for one door.

    Args:
        models: of the pack.
        gallery: holds the references.
        rule: the open-set rule, shared.
        policy: of the door.
        settings: how faces are followed and evidence is gathered.
    """
    judging = models.judging
    wanted = settings.track.switch_score
    return IdentifierParts(
        recognition=models.parts(gallery, rule, policy.liveness, one_person_at_a_time=policy.one_person_at_a_time),
        policy=policy,
        settings=settings,
        liveness=judging.liveness,
        switch_score=models.manifest.calibration.outlier_score if wanted is None else wanted,
    )
