"""Several processes of one chat on one address: what `bin/run --processes N` starts.

Each process is gunicorn with one worker, as gunicorn.conf.py says; nginx stands in front of
them and Redis between. What ends is started again. SIGHUP restarts one process after the
other. See docs/decisions/0039.

They meet in `<data directory>/processes`. Process 1 listens on `1.sock`, and `1.ready` is a
link to that for as long as people may be sent to it. nginx knows the links alone and takes
another process where there is none, so whoever starts, leaves or is dead is passed by at once.
"""

import fcntl
import logging
import os
import signal
import sys
import time
from pathlib import Path

from dotenv import dotenv_values
from pythonjsonlogger.json import JsonFormatter

from config import Config, ConfigError, config_for
from deploy import programs, starting
from deploy.children import Child
from deploy.programs import CannotStart

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "processes"
MOST = 64

LOOK_SECONDS = 0.2
START_LIMIT_SECONDS = 90.0  # the embedded database has 60
BEFORE_LIMIT_SECONDS = 6.0  # for those of a chat that was killed to end
LEAVE_LIMIT_SECONDS = 4.6  # all is over within 5
END_LIMIT_SECONDS = 0.3

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}


class ToldToEnd(BaseException):
    """By Ctrl+C, or SIGTERM."""


class Processes:
    def __init__(self, count: int, options: list[str], settings: Config) -> None:
        queue = settings.SOCKETIO_MESSAGE_QUEUE
        needs_redis = count > 1 and not queue
        nginx, *redis = programs.found("nginx", *["redis-server"] * needs_redis)
        self._settings = settings
        self._address = (settings.CHATAPP_HOST, int(settings.CHATAPP_PORT))
        self._folder = folder = settings.CHATAPP_DATA_DIR / FOLDER
        proxies = settings.CHATAPP_PROXIES + 1  # our own nginx
        queue = queue or programs.redis_url(folder) * needs_redis
        self._members = [
            programs.gunicorn(folder, number + 1, options, proxies=proxies, queue=queue)
            for number in range(count)
        ]
        self._redis = [programs.redis_server(folder, program) for program in redis]
        self._nginx = programs.nginx(folder, nginx, self._address)
        self._to_restart: list[Child] = []
        self._kept = -1

    def run(self) -> None:
        """Serve until told to end."""
        self._prepare()
        starting.check_port(*self._address)
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            # The first alone: it starts the database, migrates it, and says what is wrong once.
            first, *others = self._members
            for group in (self._redis, [first], [*others, self._nginx]):
                self._start(group)
            starting.say_where(self._settings, f"http://{starting.written(*self._address)}")
            while True:
                self._turn()
                self._restart_next()
        except ToldToEnd:
            pass
        finally:
            # Nobody new, who would be refused; those who are here are told when to come back.
            self._nginx.leave(signal.SIGQUIT)
            _end(self._members, LEAVE_LIMIT_SECONDS)
            _end([self._nginx, *self._redis], END_LIMIT_SECONDS)

    def _prepare(self) -> None:
        """Have the folder to ourselves, and nothing in it that is not true any more."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            self._kept = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise CannotStart(
                f"CHATAPP_DATA_DIR cannot be used: {self._folder} ({error.strerror})."
            ) from error
        deadline = time.monotonic() + BEFORE_LIMIT_SECONDS
        while not _locks(self._kept):
            if time.monotonic() > deadline:
                raise CannotStart(f"another chat runs on {self._settings.CHATAPP_DATA_DIR}.")
            time.sleep(LOOK_SECONDS)
        for path in [*self._folder.glob("*.ready"), *self._folder.glob("*.sock")]:
            path.unlink()
        conf = programs.nginx_conf(
            self._folder, len(self._members), self._address, self._settings.CHATAPP_SOCKETS
        )
        (self._folder / "nginx.conf").write_text(conf)

    def _start(self, group: list[Child]) -> None:
        """Start these, and return when they answer."""
        deadline = time.monotonic() + START_LIMIT_SECONDS
        for child in group:
            child.start(self._kept)
        while late := [child for child in group if not child.is_ready]:
            if ended := [child for child in self._turn() if child in group]:
                raise CannotStart(self._why(ended[0]))
            if time.monotonic() > deadline:
                raise CannotStart(f"{late[0].name} does not answer.")

    def _why(self, child: Child) -> str:
        if child in self._members:
            return ""
        said = f"{self._folder}/redis.log says why" if child in self._redis else "see above"
        return f"{child.name} does not run; {said}."

    def _turn(self) -> list[Child]:
        """Do what we are told, and look after all; return who has ended unasked."""
        told = signal.sigtimedwait(SIGNALS, LOOK_SECONDS)
        if told and told.si_signo in (signal.SIGTERM, signal.SIGINT):
            raise ToldToEnd
        if told and told.si_signo == signal.SIGHUP:
            self._to_restart = list(self._members)
        children = [*self._redis, *self._members, self._nginx]
        for child in children:
            if child.is_due:
                child.start(self._kept)
        return [child for child in children if child.look()]

    def _restart_next(self) -> None:
        """Go on with what SIGHUP began: one at a time, and none before the last one is back."""
        if self._to_restart and all(member.is_ready for member in self._members):
            self._to_restart.pop(0).leave()


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end(children: list[Child], limit_seconds: float) -> None:
    deadline = time.monotonic() + limit_seconds
    for child in children:
        child.leave()
    for child in children:
        child.end(deadline)


def main(arguments: list[str]) -> None:
    os.chdir(ROOT)
    try:
        count = _count(arguments)
        kept = {name: value for name, value in dotenv_values(".env").items() if value}
        settings = config_for({**kept, **os.environ})
        _log(is_production=settings.CHATAPP_ENV == "production")
        Processes(count, arguments[1:], settings).run()
    except (ConfigError, CannotStart) as error:
        sys.exit(f"chatapp cannot start: {error}" if str(error) else 1)


def _count(arguments: list[str]) -> int:
    asked = arguments[0] if arguments else ""
    if not (asked.isascii() and asked.isdigit() and 0 < int(asked) <= MOST):
        raise CannotStart(f"--processes takes a number from 1 to {MOST}.")
    return int(asked)


def _log(*, is_production: bool) -> None:
    handler = logging.StreamHandler()
    kind = JsonFormatter if is_production else logging.Formatter
    handler.setFormatter(kind(starting.LOG_FIELDS))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


if __name__ == "__main__":
    main(sys.argv[1:])
