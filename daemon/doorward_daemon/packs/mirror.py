"""Finds out in bounded time whether a mirror answers at all."""

import threading
from socket import create_connection
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from doorward_daemon.packs.fetch_failure import FetchFailure

_PORTS = {"http": 80, "https": 443}


class Mirrors:
    """Remembers who stayed silent, so that nobody is waited for twice in one pull.

    Args:
        timeout_s: how long a mirror may take to accept a connection, the look-up of its name included.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._silent: set[str] = set()

    def reach(self, url: str) -> None:
        """Returns when the mirror accepts connections; behind a proxy there is nothing to find out.

        Args:
            url: of the file wanted.

        Raises:
            FetchFailure: it does not, or the address is none.
        """
        address = urlsplit(url)
        if address.scheme not in _PORTS or not address.hostname:
            raise FetchFailure("is no http or https address")
        if getproxies().get(address.scheme) and not proxy_bypass(address.hostname):
            return
        if address.netloc in self._silent:
            raise FetchFailure(f"{address.netloc} did not answer a moment ago")
        problem = _knock(address, self._timeout_s)
        if problem:
            self._silent.add(address.netloc)
            raise FetchFailure(problem)


def _knock(address: SplitResult, timeout_s: float) -> str:
    # In a thread of its own, because looking up a name has no timeout and may take minutes without a network.
    problems = [f"did not answer within {timeout_s:g} s"]
    knocking = threading.Thread(target=_connect, args=(address, timeout_s, problems), name="pack-knock", daemon=True)
    knocking.start()
    knocking.join(timeout_s)
    return problems[-1]


def _connect(address: SplitResult, timeout_s: float, problems: list[str]) -> None:
    try:
        create_connection((address.hostname or "", address.port or _PORTS[address.scheme]), timeout_s).close()
    except TimeoutError:
        return
    except OSError as error:
        problems.append(f"cannot be reached: {error}")
    else:
        problems.append("")
