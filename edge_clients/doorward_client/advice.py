"""What to tell a person when nobody answers at a target."""

from pathlib import Path

from doorward_client.target import Target


def unreachable_advice(target: Target) -> str:
    """Says in one sentence why there is no daemon and what to do now."""
    if target.socket is None:
        return f"no daemon answers at {target.address}; start it, and check that its TCP listener is switched on"
    return _socket_advice(target.socket, _problem_of(target.socket))


def _problem_of(socket: Path) -> OSError | None:
    try:
        socket.stat()
    except OSError as error:
        return error
    return None


def _socket_advice(socket: Path, problem: OSError | None) -> str:
    if isinstance(problem, PermissionError):
        return f"this user may not look into {socket.parent}; join the group of the role, or ask for another socket"
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        return (
            f"there is no socket {socket}; start the daemon (doorwardd serve), or name its folder with DOORWARD_HOME "
            "or its socket with DOORWARD_TARGET"
        )
    if problem is not None:
        return f"the socket {socket} cannot be used: {problem.strerror}"
    if not socket.is_socket():
        return f"{socket} is not a socket; name the daemon's socket with DOORWARD_TARGET"
    return (
        f"nobody answers at {socket}: the daemon that made it has ended, or this user may not connect; "
        "start the daemon, or join the group of the role"
    )
