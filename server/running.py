"""Where this server can be reached: chosen at start, written down for commands on the same machine."""

import ipaddress
import json
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from server.config import Config

FILE = "server.json"


def address_of(host: str, port: int) -> str:
    """The address to print for a host and port that the server listens on.

    Bound to every interface, it is the machine's own address in the venue's network.
    """
    try:
        is_any = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        is_any = False
    shown = own_address() if is_any else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def own_address() -> str:
    """The machine's address towards other networks; loopback when it has none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737: a UDP connect only chooses a route
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def is_own_only(url: str) -> bool:
    """Whether an address is one that only this machine can open: what is printed with it helps nobody."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def note_running(data: Path, url: str) -> None:
    """Write down where the server is."""
    part = data / f"{FILE}.part"
    part.write_text(json.dumps({"url": url, "pid": os.getpid()}) + "\n")
    part.replace(data / FILE)


def forget_running(data: Path) -> None:
    (data / FILE).unlink(missing_ok=True)


def running_server(data: Path) -> str | None:
    """Where the server of this data folder said it is; None when it never started or ended well."""
    try:
        said = json.loads((data / FILE).read_text())
        os.kill(int(said["pid"]), 0)
        return str(said["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def public_url(config: Config) -> str:
    """The address that links start with, without a slash at the end."""
    chosen = config.server.public_url or running_server(config.store.data)
    return (chosen or address_of(config.server.host, config.server.port)).rstrip("/")
