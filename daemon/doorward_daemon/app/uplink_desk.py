"""The uplink as clients see it."""

from doorward_daemon.journal import Journal
from doorward_daemon.rpc.uplink_status import UplinkState, UplinkStatus
from doorward_daemon.uplink import Uplink
from doorward_sync.event import Lane


class UplinkDesk:
    """Tells how the connection to the centre is, and what waits for it. Thread-safe.

    Args:
        uplink: the connection.
        journal: what is to be sent.
    """

    def __init__(self, uplink: Uplink, journal: Journal) -> None:
        self._uplink = uplink
        self._journal = journal

    def status(self) -> UplinkStatus:
        """How it is now."""
        report, outbox = self._uplink.report(), self._journal.outbox()
        state = UplinkState(report.state.value)
        return UplinkStatus(
            state=state,
            centre_address=report.centre_address,
            unsent_events=outbox.unacknowledged,
            oldest_unsent_age_s=outbox.oldest_age_s,
            last_acknowledged_seq=self._journal.lane_state(Lane.LEDGER).acked,
            last_problem=report.last_problem,
            connected_since=report.connected_since,
            attempts=report.attempts,
            next_attempt_delay_s=report.next_attempt_in_s if state is UplinkState.BACKING_OFF else None,
            alarms=report.alarms,
            quarantined_events=sum(len(self._journal.quarantined(lane)) for lane in Lane),
        )
