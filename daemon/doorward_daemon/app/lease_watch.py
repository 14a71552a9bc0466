"""Tells when the lease of the gallery ends, and when the centre is back."""

from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.record import DeviceRecord
from doorward_daemon.state.lease import Lease


class LeaseWatch:
    """Looks at a lease, shows its end in the status, and records the changes.

    Args:
        lease: how long the centre has been silent.
        record: where changes are recorded.
        lifecycle: the status.
    """

    def __init__(self, lease: Lease, record: DeviceRecord, lifecycle: Lifecycle) -> None:
        self._lease = lease
        self._record = record
        self._lifecycle = lifecycle
        self._was_over = False

    def look(self, *, heard: bool) -> None:
        """To be called every second or so.

        Args:
            heard: whether the centre is there.
        """
        self._lease.look(heard=heard)
        is_over, silent_h = self._lease.is_over, self._lease.silent_s / 3600.0
        problem = f"lease: no sign of the centre for {silent_h:.1f} h; look at the network and at the centre"
        self._lifecycle.report("lease", problem if is_over else "", vital=False)
        if is_over != self._was_over:
            self._was_over = is_over
            self._record.lease_changed(is_over=is_over, silent_h=silent_h)
