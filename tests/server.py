"""A real server process, for tests that kill it or talk to it over the wire."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_LIMIT_SECONDS = 60.0
STOP_LIMIT_SECONDS = 30.0

EVENTLET = ("gunicorn", "-k", "eventlet", "-w", "1", "wsgi:app")
THREADS = ("gunicorn", "-w", "1", "--threads", "100", "wsgi:app")


# Tests of delivery are faster than people; tests of limits set their own.
GENEROUS = {
    "CHATAPP_MESSAGES_PER_SECOND": "10000",
    "CHATAPP_MESSAGES_BURST": "10000",
    "CHATAPP_FRAMES_PER_SECOND": "10000",
    "CHATAPP_FRAMES_BURST": "10000",
    "CHATAPP_HANDSHAKES_PER_MINUTE": "10000",
    "CHATAPP_SOCKETS_PER_PERSON": "1000",
}


class Server:
    """One program on a free port of 127.0.0.1, its data and its log in `folder`."""

    def __init__(self, folder: Path, command: tuple[str, ...] = EVENTLET, **settings: str) -> None:
        self.port = free_port()
        has_tls = "--certfile" in command  # and a certificate is for a name
        self.url = f"https://localhost:{self.port}" if has_tls else f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self._command = [_program(command[0]), *command[1:]]
        if command[0] == "gunicorn":
            self._command += ["-b", f"127.0.0.1:{self.port}"]
        self._environ = {
            **{name: value for name, value in os.environ.items() if name != "CHATAPP_ENV"},
            "CHATAPP_DATA_DIR": str(folder / "data"),
            "CHATAPP_PORT": str(self.port),
            **GENEROUS,
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str) -> str:
        """Run a command of the project, such as `flask --app wsgi migrate`; return its output."""
        done = subprocess.run(
            [_program(command[0]), *command[1:]],
            cwd=ROOT,
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while not self._answers():
            if self._process is None or self._process.poll() is not None:
                raise AssertionError(f"the server ended:\n{self.log.read_text()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"no answer in time:\n{self.log.read_text()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it with SIGKILL, all its workers too, as a crash would."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """End it with SIGTERM, as an operator would."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
        process.wait(STOP_LIMIT_SECONDS)


def _program(name: str) -> str:
    """Return where it is: a script of ours, or what was installed beside this Python."""
    return name if "/" in name else str(Path(sys.executable).with_name(name))


@contextlib.contextmanager
def running(folder: Path, command: tuple[str, ...] = EVENTLET, **settings: str) -> Iterator[Server]:
    """A migrated server that is stopped at the end."""
    server = Server(folder, command, **settings)
    server.run("flask", "--app", "wsgi", "migrate")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes_in(folder: Path, name: str) -> list[int]:
    """Return the pids of the programs called `name` that work inside `folder`."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _works_in(entry, folder, name)
    ]


def _works_in(entry: Path, folder: Path, name: str) -> bool:
    try:
        program = (entry / "comm").read_text().strip()
        return program == name and (entry / "cwd").resolve().is_relative_to(folder.resolve())
    except OSError:  # it ended while we looked
        return False


def make_certificate(folder: Path) -> Path:
    """Make a certificate for localhost, `fullchain.pem`, and its key, `privkey.pem`."""
    certificate = folder / "fullchain.pem"
    openssl = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [
            *openssl.split(),
            *("-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", folder / "privkey.pem", "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate
