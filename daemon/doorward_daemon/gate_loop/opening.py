"""Puts a gate's judgement together from a pack's models and a gallery."""

from dataclasses import replace

from doorward_daemon.access import DoorPolicy
from doorward_daemon.gallery import Gallery
from doorward_daemon.gate_loop.identifier_parts import IdentifierParts
from doorward_daemon.gate_loop.likeness import LikenessLimits
from doorward_daemon.gate_loop.schedule import EveryFrame, WhereNeeded
from doorward_daemon.gate_loop.settings import GateLoopSettings
from doorward_daemon.identity import OpenSetRule
from doorward_daemon.recognition.gate import GateSettings
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
    gate = door_gate(judging.gate, policy)
    return IdentifierParts(
        recognition=models.parts(
            gallery, rule, policy.liveness, one_person_at_a_time=policy.one_person_at_a_time, gate=gate
        ),
        policy=policy,
        settings=settings,
        liveness=judging.liveness,
        limits=LikenessLimits.of(models.manifest.calibration, settings.track.switch_score),
        schedule=EveryFrame() if settings.search.when == "always" else WhereNeeded(settings.search),
    )


def door_gate(gate: GateSettings, policy: DoorPolicy) -> GateSettings:
    """The gate as one door asks for it: its mask policy, and its bands where it has its own.

    Args:
        gate: the gate of the box.
        policy: of the door.
    """
    if policy.high_from is None or policy.medium_from is None or policy.low_from is None:
        return replace(gate, mask=policy.mask)
    return replace(
        gate,
        mask=policy.mask,
        high_from=policy.high_from,
        medium_from=policy.medium_from,
        low_from=policy.low_from,
    )
