"""The states of the daemon and the ways between them."""

from doorward_daemon.rpc.device import DeviceState

TRANSITIONS: dict[DeviceState, frozenset[DeviceState]] = {
    DeviceState.STARTING: frozenset({DeviceState.SERVING, DeviceState.DEGRADED, DeviceState.DRAINING}),
    DeviceState.SERVING: frozenset({DeviceState.DEGRADED, DeviceState.DRAINING}),
    DeviceState.DEGRADED: frozenset({DeviceState.SERVING, DeviceState.DRAINING}),
    DeviceState.DRAINING: frozenset({DeviceState.STOPPED}),
    DeviceState.STOPPED: frozenset(),
}
"""Every change that can happen; anything else is a defect."""


class Lifecycle:
    """Knows the daemon's state and what is wrong with it. Read from any thread, changed from the event loop."""

    def __init__(self) -> None:
        self._state = DeviceState.STARTING
        self._problems: dict[str, str] = {"loading": "the models are being loaded"}
        self._vital = {"loading"}

    @property
    def state(self) -> DeviceState:
        """The state now."""
        return self._state

    @property
    def problems(self) -> tuple[str, ...]:
        """What does not work, one sentence each."""
        return tuple(self._problems.values())

    @property
    def is_ready(self) -> bool:
        """Whether it answers what it is there for; a lost camera is a state, not a reason to send clients away."""
        return self._state in (DeviceState.SERVING, DeviceState.DEGRADED) and not self._vital

    def report(self, part: str, problem: str, *, vital: bool = True) -> None:
        """Says how a part is.

        Args:
            part: its name.
            problem: what is wrong with it; empty where nothing is.
            vital: whether the daemon is not ready while it is wrong.
        """
        self._vital.discard(part)
        if problem:
            self._problems[part] = problem
            self._vital |= {part} if vital else set()
        else:
            self._problems.pop(part, None)
        if self._state in (DeviceState.SERVING, DeviceState.DEGRADED):
            self._settle()

    def finish_starting(self) -> None:
        """Ends STARTING: SERVING, or DEGRADED where a part has a problem."""
        self._problems.pop("loading", None)
        self._vital.discard("loading")
        self._settle()

    def drain(self) -> None:
        """Begins to stop."""
        self._problems = {"draining": "the daemon is stopping"}
        self._vital = {"draining"}
        self._move(DeviceState.DRAINING)

    def stop(self) -> None:
        """Has stopped."""
        self._move(DeviceState.STOPPED)

    def _settle(self) -> None:
        self._move(DeviceState.DEGRADED if self._problems else DeviceState.SERVING)

    def _move(self, state: DeviceState) -> None:
        if state is self._state:
            return
        if state not in TRANSITIONS[self._state]:
            raise ValueError(f"the daemon cannot go from {self._state} to {state}")
        self._state = state
