"""Runs the daemon: starts it, serves until a signal asks it to stop, stops it in reverse."""

import asyncio
import faulthandler
import logging
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack
from functools import partial
from importlib.metadata import version
from pathlib import Path

from doorward_daemon.app.access_desk import AccessDesk, AttendanceDesk
from doorward_daemon.app.camera_desk import CameraDesk
from doorward_daemon.app.command_desk import CommandDesk, door_deed, restart_deed, self_test_deed
from doorward_daemon.app.config_desk import ConfigDesk, tried
from doorward_daemon.app.device_desk import DeskSources, DeviceDesk
from doorward_daemon.app.device_watch import DeviceWatch
from doorward_daemon.app.exposed_figures import expose
from doorward_daemon.app.fleet_ledger import FleetLedger
from doorward_daemon.app.frame_judge import FrameJudge
from doorward_daemon.app.ledger_box import LedgerBox
from doorward_daemon.app.lifecycle import Lifecycle
from doorward_daemon.app.pipeline_watch import PipelineWatch
from doorward_daemon.app.record import DeviceRecord
from doorward_daemon.app.record_health import tell_health
from doorward_daemon.app.restart import Restart
from doorward_daemon.app.rooms import Rooms, open_rooms
from doorward_daemon.app.safe_mode import noted_start, serve_safely, settle_start
from doorward_daemon.app.self_test_answer import SelfTestAnswer
from doorward_daemon.app.stop_signal import listen_for_signals
from doorward_daemon.app.supervisor_notice import SupervisorNotice
from doorward_daemon.app.upkeep import look_after
from doorward_daemon.app.uplink_desk import UplinkDesk
from doorward_daemon.app.vital_signs import watched
from doorward_daemon.config import Environment, Settings
from doorward_daemon.config.centre_keeper import CentreKeeper
from doorward_daemon.errors import ExitCode
from doorward_daemon.gallery import FleetGallery
from doorward_daemon.http import Readiness, open_http
from doorward_daemon.recognition.self_test import golden_answer
from doorward_daemon.rpc import PIPELINE, Folders, RpcParts, open_rpc
from doorward_daemon.state.data_folder import DataFolder
from doorward_daemon.state.start_record import StartRecord
from doorward_daemon.telemetry import Metrics
from doorward_daemon.telemetry.gate_figures import GateFigures
from doorward_daemon.telemetry.log import open_log
from doorward_daemon.uplink import DeviceIdentity, Uplink, UplinkParts, UplinkState, open_uplink, read_boot_id
from doorward_daemon.vision.picture import decode_picture
from doorward_sync.down_messages import CommandKind

_LOG = logging.getLogger(__name__)


def serve(settings: Settings, environment: Environment, file: Path | None = None) -> ExitCode:
    """Runs the daemon until SIGTERM or SIGINT; a second signal ends it at once.

    Args:
        settings: what it runs with.
        environment: what they were read from.
        file: as for load_settings.

    Raises:
        DoorwardError: it cannot start; everything that was opened is closed again.
    """
    # A hang ends with SIGABRT (systemd's watchdog, supervisord's listener): every stack is worth having then.
    faulthandler.enable()
    with DataFolder(environment.home) as folder, open_log(settings.log, environment.home / "log"):
        starts = StartRecord(environment.home / "data" / "starts", boot_id=read_boot_id())
        notice = SupervisorNotice(environment.notify_socket)
        keeper = CentreKeeper(file, environment, settings)
        with noted_start(starts) as is_safe, tried(keeper):
            return asyncio.run(_serve(settings, folder, notice, None if is_safe else starts, keeper))


async def _serve(
    settings: Settings,
    folder: DataFolder,
    notice: SupervisorNotice,
    starts: StartRecord | None,
    keeper: CentreKeeper,
) -> ExitCode:
    """Serves; without a record of starts to settle, in safe mode."""
    lifecycle = Lifecycle()
    metrics = Metrics()
    figures = GateFigures(metrics)
    restart = Restart(listen_for_signals())
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(open_http(settings.http, partial(_readiness, lifecycle), metrics))
        if starts is None:
            box = LedgerBox(settings.ledger, folder, lifecycle, metrics, figures, notice, keeper, restart)
            return restart.code_of(await serve_safely(box, restart.asked_to_stop))
        rooms_stack = stack.enter_context(ExitStack())
        rooms = await asyncio.to_thread(open_rooms, settings, folder, figures, rooms_stack)
        watch, answer = _open_watch(rooms, lifecycle, metrics)
        uplink = await stack.enter_async_context(
            _open_uplink(settings, folder, rooms, _from_centre(rooms, keeper, watch, restart))
        )
        parts = _rpc_parts(settings, rooms, _open_desk(settings, folder, rooms, lifecycle, watch), metrics, uplink)
        folders = Folders(run=folder.home / "run", tokens=folder.home / "data" / "tokens")
        server = await stack.enter_async_context(open_rpc(parts, settings.rpc, folders))
        answer.connect(server)
        expose(metrics, figures, rooms, uplink)
        stack.callback(asyncio.ensure_future(tell_health(server.health, rooms.journal, uplink)).cancel)
        if settings.recognition.self_test_at_start:
            await asyncio.to_thread(watch.run)
        else:
            await server.health.set(PIPELINE, serving=True)
        await answer.settle()
        record = DeviceRecord(rooms.journal)
        await asyncio.to_thread(_record_start, record, rooms, watch)
        lifecycle.finish_starting()
        stack.enter_context(watched(notice, rooms))
        notice.ready()
        _LOG.info("serving", extra={"listeners": list(server.addresses), "http": web.url})
        stack.callback(asyncio.ensure_future(settle_start(starts, keeper.settled)).cancel)
        device = DeviceWatch(rooms, metrics, record, lifecycle)
        rooms.runtime.start()
        await _until_asked(restart.asked_to_stop, look_after(rooms, record, lifecycle, device, _is_connected(uplink)))
        _LOG.info("stopping")
        notice.stopping()
        lifecycle.drain()
        await asyncio.to_thread(record.stopped)
    lifecycle.stop()
    return restart.code_of()


def _from_centre(
    rooms: Rooms, keeper: CentreKeeper, watch: PipelineWatch, restart: Restart
) -> tuple[ConfigDesk, CommandDesk]:
    deeds = {
        CommandKind.OPEN_DOOR: door_deed(rooms.gates.desk),
        CommandKind.RUN_SELF_TEST: self_test_deed(watch.run),
        CommandKind.RESTART: restart_deed(restart.ask),
    }
    return ConfigDesk(keeper, rooms.journal), CommandDesk(rooms.journal, deeds)


def _open_uplink(
    settings: Settings, folder: DataFolder, rooms: Rooms, from_centre: tuple[ConfigDesk, CommandDesk]
) -> AbstractAsyncContextManager[Uplink]:
    config, commands = from_centre
    config.settle()
    identity = DeviceIdentity(
        device_id=folder.device_id(),
        boot_id=read_boot_id(),
        version=version("doorward"),
        embedding_id=rooms.pack.manifest.embedding_id,
    )
    gallery = FleetGallery(rooms.gallery, rooms.enrolment.undisturbed, FleetLedger(rooms.journal).record)
    return open_uplink(
        UplinkParts(identity=identity, outbox=rooms.journal, gallery=gallery, config=config, commands=commands),
        settings.uplink,
    )


def _open_desk(
    settings: Settings, folder: DataFolder, rooms: Rooms, lifecycle: Lifecycle, watch: PipelineWatch
) -> DeviceDesk:
    return DeviceDesk(
        DeskSources(
            settings=settings,
            device_id=folder.device_id(),
            lifecycle=lifecycle,
            watch=watch,
            pack=rooms.pack,
            store=rooms.store,
            runtime=rooms.runtime,
            gallery=rooms.gallery,
            rule=rooms.judging.rule,
        )
    )


def _rpc_parts(settings: Settings, rooms: Rooms, desk: DeviceDesk, metrics: Metrics, uplink: Uplink) -> RpcParts:
    return RpcParts(
        recogniser=rooms.recogniser,
        enrolment=rooms.enrolment,
        gallery=rooms.gallery,
        device=desk,
        decode=partial(decode_picture, settings=settings.picture),
        metrics=metrics,
        events=rooms.journal,
        cameras=CameraDesk(rooms.gates, settings.cameras),
        access=AccessDesk(rooms.gates.doors, rooms.gates.desk),
        attendance=AttendanceDesk(rooms.gates.desk, rooms.recogniser),
        frames=FrameJudge(rooms.gates, rooms.judging, settings.gate_loop, settings.recognition.liveness),
        uplink=UplinkDesk(uplink, rooms.journal),
    )


def _open_watch(rooms: Rooms, lifecycle: Lifecycle, metrics: Metrics) -> tuple[PipelineWatch, SelfTestAnswer]:
    answer = SelfTestAnswer(lifecycle, metrics)
    expected = golden_answer(rooms.pack.manifest.name, rooms.runtime.truth.actual_precision, rooms.pack.folder)
    return PipelineWatch(rooms.recogniser, expected, answer.tell, rooms.runtime.distrust), answer


async def _until_asked(asked_to_stop: asyncio.Event, upkeep: Coroutine[None, None, None]) -> None:
    """Waits for a signal; an upkeep that fails is why the daemon ends."""
    waiting, looking = asyncio.ensure_future(asked_to_stop.wait()), asyncio.ensure_future(upkeep)
    try:
        done, _ = await asyncio.wait({waiting, looking}, return_when=asyncio.FIRST_COMPLETED)
        for finished in done:
            await finished
    finally:
        for task in (waiting, looking):
            task.cancel()


def _record_start(record: DeviceRecord, rooms: Rooms, watch: PipelineWatch) -> None:
    record.started(version("doorward"), rooms.pack.manifest.name, rooms.runtime.truth.actual_device)
    if watch.last_report is not None:
        record.self_tested(watch.last_report)


def _is_connected(uplink: Uplink) -> Callable[[], bool]:
    return lambda: uplink.report().state is UplinkState.CONNECTED


def _readiness(lifecycle: Lifecycle) -> Readiness:
    return Readiness(() if lifecycle.is_ready else lifecycle.problems or ("the daemon is starting",))
