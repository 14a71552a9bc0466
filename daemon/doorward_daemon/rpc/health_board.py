"""What grpc.health.v1 says about this process, on every listener."""

from grpc_health.v1 import health, health_pb2

from doorward_daemon.errors import ErrorReason, NotReady

PROCESS = ""
"""Health service of the process itself."""
PIPELINE = "doorward.pipeline"
"""Health service of the pipeline: SERVING while the self-test of the golden picture passes."""
JOURNAL = "doorward.journal"
"""Health service of the record: SERVING while decisions go on disk."""
UPLINK = "doorward.uplink"
"""Health service of the connection to the centre: SERVING while the centre has greeted; not there without a centre."""

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class HealthBoard:
    """The states of all health services; belongs to one event loop."""

    def __init__(self) -> None:
        self._states = {PROCESS: True, PIPELINE: False}
        self._draining = False
        self.servicer = health.aio.HealthServicer()

    async def open(self) -> None:
        """Tells the first states: the process serves, the pipeline does not yet."""
        for service, serving in self._states.items():
            await self._tell(service, serving=serving)

    async def set(self, service: str, *, serving: bool) -> None:
        """Changes the state of one service; its watchers hear of it at once."""
        self._states[service] = serving
        await self._tell(service, serving=serving)

    async def drain(self) -> None:
        """Says NOT_SERVING for everything from now on."""
        self._draining = True
        await self.servicer.enter_graceful_shutdown()

    def services(self) -> frozenset[str]:
        """The services there is something to say about."""
        return frozenset(self._states)

    def is_serving(self, service: str) -> bool:
        """Whether a service is told to be SERVING."""
        return self._states.get(service, False) and not self._draining

    def require_pipeline(self) -> None:
        """Refuses work that the pipeline is not fit for.

        Raises:
            NotReady: NOT_READY, it is still loading or its self-test does not pass.
        """
        if not self._states[PIPELINE]:
            raise NotReady(
                ErrorReason.NOT_READY,
                "the pipeline is loading, or its self-test does not pass; GetStatus says which, try again in 1 s",
                retry_after_s=1.0,
            )

    async def _tell(self, service: str, *, serving: bool) -> None:
        await self.servicer.set(service, _SERVING if serving else _NOT_SERVING)
