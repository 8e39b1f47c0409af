"""What is measured: the chat as it is hosted, and the peer. Each has a core to itself."""

import json
import os
import secrets
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tools
from benchmarks.people import SECRET_KEY, World, make_world
from benchmarks.run import SERVER_CORE, Run, database_of, free_port, wait_until

APP = "wsgi:app"
UNLIMITED = "1000000000"
SETTINGS = {
    "CHATAPP_ENV": "development",
    "SECRET_KEY": SECRET_KEY,
    "CHATAPP_SOCKETS": "10000",
    "CHATAPP_SOCKETS_PER_PERSON": "10000",
    "CHATAPP_SOCKETS_PER_ADDRESS": "10000",
    "CHATAPP_HANDSHAKES_PER_MINUTE": UNLIMITED,
    "CHATAPP_FRAMES_PER_SECOND": UNLIMITED,
    "CHATAPP_FRAMES_BURST": UNLIMITED,
    "CHATAPP_MESSAGES_PER_SECOND": UNLIMITED,
    "CHATAPP_MESSAGES_BURST": UNLIMITED,
    "CHATAPP_TYPING_PER_MINUTE": UNLIMITED,
    "CHATAPP_BACKLOG_EVENTS": "100000",
    "CHATAPP_BACKLOG_BYTES": UNLIMITED,
}
"""The limits are not what is measured: with those of every day nobody may be so fast."""

PEER_ROOM = "665f1f77bcf86cd799439011"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
QUIET = 0.05  # of a core
QUIET_LIMIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Ask:
    """What clients ask for: a whole packet, with %d for its number; and what they are told."""

    packet: str
    hears: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    name: str
    port: int
    pid: int
    """Of the process that serves."""
    namespace: str
    relay: Callable[[], Ask]
    """Something that is told and not stored."""
    post: Callable[[], Ask]
    """Something that is stored first."""
    people: Path | None = None
    """Who connects, a line each; None where nobody has to sign in."""

    def cpu_seconds(self) -> float:
        """Return how long the process has run on its core, in all."""
        return cpu_seconds(self.pid)

    def memory_bytes(self) -> int:
        """Return how much of its memory is in RAM."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def wait_until_quiet(self) -> None:
        """Return when it has tidied up after the last load: the other has the same core."""
        deadline = time.monotonic() + QUIET_LIMIT_SECONDS
        before = self.cpu_seconds()
        while time.monotonic() < deadline:
            time.sleep(0.2)
            now = self.cpu_seconds()
            if now - before <= 0.2 * QUIET:
                return
            before = now
        raise RuntimeError(f"{self.name} does not come to rest")


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def ours(run: Run) -> Server:
    """Return the chat in one process, the same one for every benchmark of a run."""
    return run.once("ours", lambda: start_ours(run))


def start_ours(run: Run) -> Server:
    world = run.once("world", lambda: make_world(run))
    port = free_port()
    program = run.start(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", APP],
        settings(run, world, port),
        core=SERVER_CORE,
    )
    wait_until(lambda: is_healthy(port), program)
    return chat(run, world, "ours", port, children_of(program.pid)[0])  # gunicorn's one worker


def settings(run: Run, world: World, port: int) -> dict[str, str]:
    return {
        **SETTINGS,
        "MONGO_URI": world.uri,
        "CHATAPP_PORT": str(port),
        "CHATAPP_DATA_DIR": str(run.folder / f"chat-{port}"),
    }


def chat(run: Run, world: World, name: str, port: int, pid: int) -> Server:
    """Return what is served by process `pid` at `port`, with those who are in its one room."""
    typing = json.dumps(["typing", {"room_id": world.room_id}])
    return Server(
        name=name,
        port=port,
        pid=pid,
        namespace="/chat",
        relay=lambda: Ask(f"42/chat,{typing}", "typing"),
        post=lambda: Ask(f"42/chat,%d{_post(world.room_id)}", "message_posted"),
        people=_list_people(world, port, run.folder / f"people-{port}"),
    )


def _post(room_id: str) -> str:
    client_id = f"{secrets.token_hex(8)}-%d"  # what was posted once is not stored again
    message = {"room_id": room_id, "text": "hello #%d#", "client_id": client_id}
    return json.dumps(["post_message", message])


def _list_people(world: World, port: int, path: Path) -> Path:
    lines = (
        f"chatapp_{port}={somebody.cookie}\t{json.dumps({'csrf': somebody.csrf})}\n"
        for somebody in world.people
    )
    path.write_text("".join(lines))
    return path


def peer(run: Run) -> Server:
    """Return the Node server, the same one for every benchmark of a run."""
    return run.once("peer", lambda: start_peer(run))


def start_peer(run: Run) -> Server:
    return _start_node(run, "peer", (*tools.peer(), database_of(run.mongod, "peer")))


def peer_with_eiows(run: Run) -> Server:
    """Return the Node server on its engine in C++; it only relays."""
    return run.once(
        "eiows",
        lambda: _start_node(run, "eiows", tools.peer_with_eiows(), ENGINE="eiows"),
    )


def _start_node(run: Run, name: str, command: Sequence[str], **environ: str) -> Server:
    port = free_port()
    node, program, *uri = command
    started = run.start([node, program, str(port), *uri], environ, core=SERVER_CORE)
    wait_until(lambda: _listens(port), started)
    typing = json.dumps(["typing", {"room_id": PEER_ROOM}])
    post = json.dumps(["post_message", {"room_id": PEER_ROOM, "text": "hello #%d#"}])
    return Server(
        name=name,
        port=port,
        pid=started.pid,
        namespace="/",
        relay=lambda: Ask(f"42{typing}", "typing"),
        post=lambda: Ask(f"42%d{post}", "message_posted"),
    )


def is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
