"""What is checked and said at the start, of one process and of several."""

import os
import resource
import socket
import sys

from config import Config

LOG_FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"


def written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def check_workers(asked: int) -> None:
    """Exit with a sentence where there would be several: they cannot share what one remembers."""
    if "CHATAPP_SUPERVISED" not in os.environ:  # there are several of us, with one each
        asked = max(asked, int(os.environ.get("WEB_CONCURRENCY") or 1))
    if asked > 1:
        sys.exit(
            f"chatapp cannot start: a process has one worker, not {asked}; for {asked} processes "
            f"start bin/run --processes {asked}, without -w, --workers and WEB_CONCURRENCY."
        )


def check_port(host: str, port: int) -> None:
    """Exit with a sentence where nobody can listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"chatapp cannot start: {written(host, port)} cannot be listened on "
                f"({error.strerror}); stop what uses it, or set CHATAPP_PORT and CHATAPP_HOST."
            )


def have_room(files: int) -> None:
    """Let this process open as many, where it may: the usual limit is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files if hard < 0 else min(files, hard), hard))


def say_where(settings: Config, listens_on: str) -> None:
    place = "the MongoDB of MONGO_URI" if settings.MONGO_URI else settings.CHATAPP_DATA_DIR
    print(
        f"The chat is on {settings.PUBLIC_URL or listens_on}",
        f"Its data is in {place}",
        "Ctrl+C stops it",
        sep="\n",
        flush=True,
    )
