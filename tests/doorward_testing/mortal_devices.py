"""Devices to be killed: the daemon in ledger-only mode with a client that opens doors; a journal with its uplink."""

import threading
import time
from pathlib import Path

import grpc

from doorward_api.v1 import access_service_pb2, access_service_pb2_grpc, device_service_pb2, device_service_pb2_grpc
from doorward_testing.kill_loop import wait_for
from doorward_testing.ledger_home import write_ledger_home
from doorward_testing.nursery import Nursery
from doorward_testing.obligations import Obligations, Promise

DAEMON = "doorward_daemon.__main__:main"
DAEMON_ROOMS = ("doorward_daemon.app.ledger_only", "doorward_daemon.app.serve")
"""What the daemon imports when it is told what to be."""
BUSY_DEVICE = "doorward_testing.busy_device:main"
_ASK_UPLINK_EVERY = 8


class LedgerDaemon:
    """`doorwardd serve --ledger-only`; its caller is an operator who opens a door again and again.

    Args:
        home: of the daemon, in all its lives.
        nursery: starts daemons.
        centre: address of the centre.
    """

    def __init__(self, home: Path, nursery: Nursery, centre: str) -> None:
        self._home = write_ledger_home(home, centre)
        self._nursery = nursery
        self._pid = 0
        self._caller: threading.Thread | None = None
        self._is_alive = False
        self._has_answered = threading.Event()
        self.obligations = Obligations()
        """As Mortal."""

    def bear(self, run: str) -> None:
        """As Mortal."""
        self._start()
        self._is_alive = True
        self._has_answered.clear()
        self._caller = threading.Thread(target=self._open_doors, args=(run,), name="operator")
        self._caller.start()

    def is_ready(self) -> bool:
        """As Mortal."""
        return self._has_answered.is_set()

    def kill(self) -> None:
        """As Mortal."""
        self._is_alive = False
        assert self._nursery.kill(self._pid) == -9, (self._home / "stdout").read_text()
        assert self._caller is not None
        self._caller.join(30.0)
        assert not self._caller.is_alive()

    def settle(self) -> None:
        """As Mortal."""
        self._start()
        with self._channel() as channel:
            stub = device_service_pb2_grpc.DeviceServiceStub(channel)
            request = device_service_pb2.GetUplinkStatusRequest()

            def is_done() -> bool:
                return stub.GetUplinkStatus(request, timeout=30.0, wait_for_ready=True).unsent_events == 0

            wait_for(is_done, "not everything arrives")
        # Its last words are an event, too; they may or may not be taken over.
        assert self._nursery.stop(self._pid) == 0

    def _channel(self) -> grpc.Channel:
        # Comes back at once, and tells at once that the daemon is dead: the shipped client is more patient.
        options = (("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 50))
        own = ("grpc.use_local_subchannel_pool", 1)
        return grpc.insecure_channel(f"unix:{self._home}/run/operator.sock", options=[*options, own])

    def _start(self) -> None:
        log = str(self._home / "stdout")
        self._pid = self._nursery.bear("serve", "--ledger-only", log=log, DOORWARD_HOME=str(self._home))

    def _open_doors(self, run: str) -> None:
        with self._channel() as channel:
            access = access_service_pb2_grpc.AccessServiceStub(channel)
            device = device_service_pb2_grpc.DeviceServiceStub(channel)
            number = 0
            while self._is_alive:
                number += 1
                try:
                    self._open_door(access, f"{run}-{number}")
                    if number % _ASK_UPLINK_EVERY == 0:
                        self._ask_uplink(device)
                except grpc.RpcError:
                    # Not there yet, or killed: both is what this is for.
                    time.sleep(0.005)

    def _open_door(self, access: access_service_pb2_grpc.AccessServiceStub, operation: str) -> None:
        self.obligations.tried.add(operation)
        request = access_service_pb2.OpenDoorRequest(request_id=operation, door_id="main", note=operation)
        event = access.OpenDoor(request, timeout=20.0).event
        promise = Promise(event.event_id, event.epoch, event.seq, event.payload_digest.hex())
        self.obligations.promised[operation] = promise
        self._has_answered.set()

    def _ask_uplink(self, device: device_service_pb2_grpc.DeviceServiceStub) -> None:
        status = device.GetUplinkStatus(device_service_pb2.GetUplinkStatusRequest(), timeout=20.0)
        last = next(reversed(self.obligations.promised.values()))
        self.obligations.taken_over[last.epoch] = status.last_acknowledged_seq


class BusyDevice:
    """A journal with its uplink and a caller in one process, without the daemon around them.

    Args:
        home: a folder of its own.
        nursery: starts `doorward_testing.busy_device`, or a red twin of it.
        centre: address of the centre.
    """

    def __init__(self, home: Path, nursery: Nursery, centre: str) -> None:
        home.mkdir(parents=True)
        self._home = home
        self._nursery = nursery
        self._centre = centre
        self._pid = 0
        self._log = home
        self.obligations = Obligations()
        """As Mortal."""

    def bear(self, run: str) -> None:
        """As Mortal."""
        self._log = self._home / f"{run}.log"
        arguments = (str(self._home / "data"), self._centre, str(self._log), run)
        self._pid = self._nursery.bear(*arguments, log=str(self._home / "stdout"))

    def is_ready(self) -> bool:
        """As Mortal."""
        return self._log.is_file() and self._log.stat().st_size > 0

    def kill(self) -> None:
        """As Mortal."""
        assert self._nursery.kill(self._pid) == -9, (self._home / "stdout").read_text()
        self.obligations.read(self._log)
        self._log.unlink(missing_ok=True)

    def settle(self) -> None:
        """As Mortal."""
        self.bear("")
        wait_for(lambda: self._log.is_file() and self._log.read_text() == "done\n", "not everything arrives")
        assert self._nursery.stop(self._pid) == 0
