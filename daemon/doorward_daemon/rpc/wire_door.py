"""Doors, as messages."""

from doorward_api.v1 import access_pb2
from doorward_daemon.rpc.door import DoorEntry
from doorward_daemon.rpc.wire_time import wire_enum


def wire_door(door: DoorEntry) -> access_pb2.Door:
    """A door of this device."""
    return access_pb2.Door(
        door_id=door.door_id,
        display_name=door.display_name,
        state=wire_enum(access_pb2.DoorState.Value, "DOOR_STATE_", door.state),
        problem=door.problem,
        openings=door.openings,
        faults=door.faults,
        liveness_policy=door.liveness.value,
        challenge_policy=door.challenge.value,
        mask_policy=door.mask.value,
    )
