"""The client of a Doorward daemon: blocking here, asyncio in `doorward_client.aio`.

Answers are the contract's own messages (`doorward_api.v1`); the enums that callers compare with are here too.
"""

from doorward_api.v1.decision_pb2 import Outcome, VerificationOutcome
from doorward_client.blocking import DoorwardClient
from doorward_client.channel import ChannelSettings
from doorward_client.document import document_of
from doorward_client.errors import (
    AlreadyExists,
    Conflict,
    DoorwardError,
    Fault,
    FieldProblem,
    Forbidden,
    InvalidInput,
    NotFound,
    NotReady,
    Overloaded,
    TimedOut,
    Unreachable,
)
from doorward_client.target import Target

__all__ = [
    "DoorwardClient",
    "Target",
    "ChannelSettings",
    "Outcome",
    "VerificationOutcome",
    "document_of",
    "DoorwardError",
    "InvalidInput",
    "NotFound",
    "AlreadyExists",
    "Conflict",
    "Forbidden",
    "NotReady",
    "Overloaded",
    "TimedOut",
    "Unreachable",
    "Fault",
    "FieldProblem",
]
