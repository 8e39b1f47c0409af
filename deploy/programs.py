"""What `bin/run --processes N` runs: gunicorn N times, nginx in front, Redis between."""

import contextlib
import os
import resource
import shutil
import socket
import string
import sys
from pathlib import Path

from deploy import starting
from deploy.children import Child

TEMPLATE = Path(__file__).with_name("processes.nginx.conf")
PACKAGES = {"nginx": "nginx-light", "redis-server": "redis-server"}  # of Debian, by program
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"  # where nginx is, and not everybody looks
LONGEST_PATH = 107  # bytes in the address of a unix socket
PROBE_SECONDS = 0.5

Address = tuple[str, int]


class CannotStart(Exception):
    """Why not, as a sentence; empty where it was said already."""


class _Template(string.Template):
    delimiter = "%"  # nginx has a use for $


def found(*names: str) -> list[str]:
    """Return where these programs are, or raise `CannotStart`."""
    path = f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}"
    places = {name: shutil.which(name, path=path) for name in names}
    if missing := [name for name in names if not places[name]]:
        packages = " ".join(PACKAGES[name] for name in missing)
        raise CannotStart(
            f"several processes need {' and '.join(missing)}; "
            f"on Debian and Ubuntu, apt-get install {packages}."
        )
    return [place for place in places.values() if place]


def gunicorn(folder: Path, number: int, options: list[str], *, proxies: int, queue: str) -> Child:
    """Return process `number` of the chat, on a unix socket in `folder`."""
    path = folder / f"{number}.sock"
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise CannotStart(f"CHATAPP_DATA_DIR is too long a path for sockets in it: {path}.")
    return Child(
        f"process {number}",
        [sys.executable, "-m", "gunicorn", *options, "--bind", f"unix:{path}", "wsgi:app"],
        lambda: _is_healthy(path),
        environ={
            "CHATAPP_PROXIES": str(proxies),
            "CHATAPP_SUPERVISED": "yes",
            "SOCKETIO_MESSAGE_QUEUE": queue,
        },
        link=path.with_suffix(".ready"),
        target=path,
    )


def redis_url(folder: Path) -> str:
    return f"unix://{_redis_socket(folder)}"


def _redis_socket(folder: Path) -> Path:
    return folder / "redis.sock"


def redis_server(folder: Path, program: str) -> Child:
    """Return a Redis on a unix socket in `folder` that this account alone can reach."""
    path = _redis_socket(folder)
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": "redis.log",
        "loglevel": "warning",
        "save": "",  # what it carries is a hint
        "maxmemory": "100mb",
        "maxmemory-policy": "volatile-ttl",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return Child("redis-server", [program, *arguments], lambda: _accepts(path))


def nginx(folder: Path, program: str, address: Address) -> Child:
    command = [program, "-p", str(folder), "-e", "stderr", "-c", "nginx.conf"]
    return Child("nginx", command, lambda: _listens(address))


def nginx_conf(folder: Path, count: int, address: Address, sockets: int) -> str:
    """Return the configuration for `count` processes that take as many `sockets` each."""
    connections = 2 * count * (sockets + 100) + 500  # to the browser and to the process; pages
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    links = (folder / f"{number + 1}.ready" for number in range(count))
    return _Template(TEMPLATE.read_text()).substitute(
        user="user root;" if os.geteuid() == 0 else "",
        files=min(connections + 100, most) if most > 0 else connections + 100,
        connections=connections,
        processes="\n        ".join(f'server "unix:{link}" max_fails=0;' for link in links),
        listen=starting.written(*address),
    )


def _accepts(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
        return True
    return False


def _listens(address: Address) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(address, PROBE_SECONDS):
        return True
    return False


def _is_healthy(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(PROBE_SECONDS)
        probe.connect(str(path))
        probe.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        return probe.recv(64).split()[1:2] == [b"200"]
    return False
