"""The embedded MongoDB, with real processes: shared, killed, moved, and cut off from its disk."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pymongo
import pytest

from chatapp.core import embedded, keeper
from chatapp.core.database import Documents

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 30.0

# Saves one name after another; says which it found at its start and which were acknowledged.
# With "fork" it is a child that does so, with a claim of its own beside the inherited one.
APP = """
import sys
if "eventlet" in sys.argv:
    import eventlet
    eventlet.monkey_patch()
import os, signal, threading, time
from pathlib import Path
from chatapp.core import database, embedded

ticks = 0
def tick():
    global ticks
    while True:
        time.sleep(0.01)
        ticks += 1
threading.Thread(target=tick, daemon=True).start()

signal.signal(signal.SIGTERM, lambda *_: sys.exit())
signal.signal(signal.SIGINT, lambda *_: sys.exit())
try:
    uri = embedded.start(Path(sys.argv[1]))
except embedded.EmbeddedUnavailable as error:
    print("refused", error, flush=True)
    sys.exit(1)
if "fork" in sys.argv:
    if os.fork():
        signal.pause()
    uri = embedded.start(Path(sys.argv[1]))
numbers = database.connect(uri).numbers
for document in numbers.find():
    print("found", document["_id"])
print("up", ticks, flush=True)

number = 0
while True:
    number += 1
    name = f"{os.getpid()}-{number}"
    try:
        numbers.insert_one({"_id": name})
    except database.StorageError as error:
        print("failed", repr(error), flush=True)
    else:
        print("saved", name, flush=True)
    time.sleep(0.01)
"""


def wait_until(condition: Callable[[], object], limit_seconds: float = LIMIT_SECONDS) -> None:
    deadline = time.monotonic() + limit_seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class App:
    """A process that uses the embedded MongoDB, in a session of its own like a terminal's."""

    def __init__(self, data_dir: Path, *flags: str, **environment: str) -> None:
        self.said: list[tuple[str, str, str]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", APP, str(data_dir), *flags],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self.said.extend(line.strip().partition(" ") for line in lines)

    def heard(self, word: str) -> list[str]:
        """Return what followed this word, wherever a line began with it."""
        return [rest for first, _, rest in list(self.said) if first == word]

    def goes_on(self) -> None:
        """Return when it has saved some more from now on."""
        enough = len(self.heard("saved")) + 5
        wait_until(lambda: len(self.heard("saved")) >= enough)

    def press_ctrl_c(self) -> None:
        """End it as a terminal does, which signals every process of the session in front."""
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.wait(LIMIT_SECONDS) == 0
        self._listener.join(LIMIT_SECONDS)
        assert self.heard("Traceback") == []

    def kill(self) -> None:
        """End it and its forks without any warning."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(LIMIT_SECONDS)
        self._listener.join(LIMIT_SECONDS)


def processes(data_dir: Path) -> dict[int, str]:
    """Return what runs in this directory by process id: a "keeper" and its "mongod", or less."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == data_dir / embedded.FOLDER:
                name = (process / "comm").read_text().strip()
                found[int(process.name)] = "mongod" if name == "mongod" else "keeper"
    return found


def process_id(data_dir: Path, role: str) -> int:
    [found] = [pid for pid, its_role in processes(data_dir).items() if its_role == role]
    return found


Run = Callable[..., App]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture(scope="module")
def used() -> Iterator[set[Path]]:
    """Directories that apps of these tests ran in: no server may be left in any of them."""
    used: set[Path] = set()
    yield used
    wait_until(lambda: not any(processes(data_dir) for data_dir in used))


@pytest.fixture
def run(data_dir: Path, used: set[Path]) -> Iterator[Run]:
    """Start apps, on the data directory unless told where; they end with the test."""
    apps: list[App] = []

    def run(*flags: str, at: Path = data_dir, **environment: str) -> App:
        used.add(at)
        apps.append(App(at, *flags, **environment))
        return apps[-1]

    yield run
    for app in apps:
        app.kill()


class TestStarting:
    def test_is_ready_for_writes_and_private(self, run: Run, data_dir: Path) -> None:
        app = run()
        app.goes_on()

        folder = data_dir / embedded.FOLDER
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert app.heard("failed") == []
        assert internet_sockets(process_id(data_dir, "mongod")) == []

    def test_builds_an_index_over_what_is_there(self, mongodb: Documents) -> None:
        mongodb["beds"].insert_many([{"number": number} for number in range(3)])

        with pymongo.timeout(LIMIT_SECONDS):
            mongodb["beds"].create_index("number")

        assert "number_1" in mongodb["beds"].index_information()

    def test_takes_little_room(self, run: Run, data_dir: Path) -> None:
        run().goes_on()

        folder = data_dir / embedded.FOLDER
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in files) < 40_000_000
        assert not (folder / keeper.DATA / "diagnostic.data").exists()

    def test_keeps_its_log_small(self, run: Run, data_dir: Path) -> None:
        run().goes_on()

        log = data_dir / embedded.FOLDER / keeper.LOG
        os.truncate(log, keeper.LOG_LIMIT_BYTES + 1)

        wait_until(lambda: log.stat().st_size < 1_000_000)

    def test_works_whatever_the_path(self, run: Run, tmp_path: Path) -> None:
        run(at=tmp_path / f"Crème, b%20r@l:e? {'x' * 107}").goes_on()

    def test_works_after_the_directory_moved(
        self, run: Run, data_dir: Path, tmp_path: Path
    ) -> None:
        first = run()
        first.goes_on()
        first.press_ctrl_c()
        wait_until(lambda: not processes(data_dir))
        assert_stopped_in_order(data_dir)

        moved = tmp_path / "moved"
        data_dir.rename(moved)

        assert_kept(first, run(at=moved))

    def test_lets_the_event_loop_go_on(self, run: Run) -> None:
        app = run("eventlet")
        app.goes_on()

        assert int(app.heard("up")[0]) >= 5  # ticks of 10 ms; none when start() holds the loop


def internet_sockets(pid: int) -> list[str]:
    """Return the TCP and UDP sockets that a process holds."""
    held = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    tables = [Path(f"/proc/{pid}/net/{kind}") for kind in ("tcp", "tcp6", "udp", "udp6")]
    lines = [line for table in tables if table.exists() for line in table.read_text().splitlines()]
    return [line for line in lines if f"socket:[{line.split()[9]}]" in held]


def assert_stopped_in_order(data_dir: Path) -> None:
    """Assert that mongod was asked to stop: killed, it leaves its process id in this file."""
    assert (data_dir / embedded.FOLDER / keeper.DATA / "mongod.lock").read_text() == ""


def assert_kept(before: App, after: App) -> None:
    """Assert that everything acknowledged to one app is found by a later one, which works."""
    saved = before.heard("saved")
    after.goes_on()
    assert saved
    assert set(saved) <= set(after.heard("found"))


class TestSharing:
    def test_processes_share_one_server_until_the_last_ends(self, run: Run, data_dir: Path) -> None:
        first, second, green = run(), run(), run("eventlet")
        for app in (first, second, green):
            app.goes_on()
        server = processes(data_dir)
        assert sorted(server.values()) == ["keeper", "mongod"]

        first.press_ctrl_c()
        green.press_ctrl_c()
        second.goes_on()
        assert processes(data_dir) == server
        assert second.heard("failed") == []

        second.press_ctrl_c()
        wait_until(lambda: not processes(data_dir))

    def test_a_fork_goes_on_without_its_parent(self, run: Run, data_dir: Path) -> None:
        app = run("fork")
        app.goes_on()

        app.process.kill()
        app.process.wait(LIMIT_SECONDS)
        os.kill(process_id(data_dir, "mongod"), signal.SIGKILL)

        app.goes_on()

    def test_ends_soon_after_every_user_was_killed(self, run: Run, data_dir: Path) -> None:
        apps = [run(), run()]
        for app in apps:
            app.goes_on()

        for app in apps:
            app.kill()

        wait_until(lambda: not processes(data_dir))


class TestRecovering:
    @pytest.mark.parametrize("victim", ["mongod", "keeper"])
    def test_running_apps_go_on_and_lose_nothing(
        self, run: Run, data_dir: Path, victim: str
    ) -> None:
        plain, green = run(), run("eventlet")
        plain.goes_on()
        green.goes_on()

        server = process_id(data_dir, "mongod")
        os.kill(process_id(data_dir, victim), signal.SIGKILL)
        wait_until(lambda: server not in processes(data_dir))
        plain.goes_on()
        green.goes_on()

        plain.kill()
        green.kill()
        later = run()
        assert_kept(plain, later)
        assert_kept(green, later)

    def test_the_next_start_works_after_everything_was_killed(
        self, run: Run, data_dir: Path
    ) -> None:
        app = run()
        app.goes_on()

        kill_all(app, data_dir)

        assert_kept(app, run())

    def test_a_start_cut_short_is_taken_up_by_the_next(self, run: Run, data_dir: Path) -> None:
        app = run()
        wait_until(lambda: "mongod" in processes(data_dir).values())

        kill_all(app, data_dir)

        run().goes_on()


def kill_all(app: App, data_dir: Path) -> None:
    for pid in processes(data_dir):
        with contextlib.suppress(ProcessLookupError):  # mongod follows its keeper by itself
            os.kill(pid, signal.SIGKILL)
    app.kill()


class TestWhatCannotRun:
    def test_no_wheel_for_the_platform(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "fiftyone", None)  # as if it were not installed

        with pytest.raises(embedded.EmbeddedUnavailable, match="platform: set MONGO_URI"):
            embedded.start(data_dir)

    def test_no_libcurl(self, run: Run, data_dir: Path, tmp_path: Path) -> None:
        (tmp_path / "libcurl.so.4").write_bytes(b"")  # found first, and no library at all

        assert "apt-get install libcurl4" in refusal(run(LD_LIBRARY_PATH=str(tmp_path)))

    def test_no_directory_can_be_made(self, run: Run) -> None:
        assert "CHATAPP_DATA_DIR" in refusal(run(at=Path("/proc/chatapp")))

    def test_somebody_elses_directory(self, run: Run, data_dir: Path) -> None:
        (data_dir / embedded.FOLDER).mkdir(parents=True)
        if os.geteuid():
            pytest.skip("only root can give a directory away")
        os.chown(data_dir / embedded.FOLDER, 12345, 12345)

        assert "belongs to another user" in refusal(run())

    def test_a_full_disk(self, run: Run, data_dir: Path) -> None:
        data_dir.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(data_dir)]
        if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("only root may mount a small disk, and not everywhere")
        try:
            assert "is full: make room" in refusal(run())
        finally:
            subprocess.run(["umount", "--lazy", str(data_dir)], check=True)

    def test_a_mongod_that_dies_leaves_its_reason_in_the_log(
        self, run: Run, data_dir: Path
    ) -> None:
        folder = data_dir / embedded.FOLDER / keeper.DATA
        folder.mkdir(parents=True)
        (folder / "storage.bson").write_text("nonsense")

        said = refusal(run())

        assert str(folder.parent / keeper.LOG) in said
        assert "MONGO_URI" in said
        assert "nonsense" not in said


def refusal(app: App) -> str:
    """Return the sentence with which an app refused to start."""
    assert app.process.wait(LIMIT_SECONDS) == 1
    wait_until(lambda: app.heard("refused"))
    assert app.heard("up") == []
    return app.heard("refused")[0]
