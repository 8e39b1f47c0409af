"""How gunicorn serves the chat. It reads this file by itself, so `gunicorn wsgi:app` is enough.

The address and the kind of worker come from the settings of the app itself, and the
database is migrated before anybody is served.
"""

import ctypes
import logging
import mmap
import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

from dotenv import load_dotenv

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from config import ConfigError, config_for  # noqa: E402 - the line above finds it
from deploy import starting  # noqa: E402

load_dotenv(ROOT / ".env")
try:
    settings = config_for(os.environ)
except ConfigError as error:
    sys.exit(f"chatapp cannot start: {error}")

chdir = str(ROOT)
bind = starting.written(settings.CHATAPP_HOST, int(settings.CHATAPP_PORT))
workers = 1  # several are several of us: deploy/processes.py
worker_class = {"threading": "gthread"}.get(
    settings.CHATAPP_ASYNC_MODE, settings.CHATAPP_ASYNC_MODE
)
# Pages have to be served beside all the sockets; threads are made when they are needed.
worker_connections = settings.CHATAPP_SOCKETS + 100
starting.have_room(worker_connections + 500)  # for the database, Redis and files too
threads = worker_connections if worker_class == "gthread" else 1
graceful_timeout = 5  # the app has ended by then: chatapp/realtime/farewell.py
# CHATAPP_PROXIES says whom to believe, and the app does it. On a unix socket gunicorn would.
# Nothing is believed from anybody here, so it need not look up who is asking each time.
forwarded_allow_ips = "*"
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
loglevel = "warning"
if settings.CHATAPP_ENV == "production":  # the parent's lines; those of a worker are the app's
    logconfig_dict = {
        "formatters": {
            "generic": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": starting.LOG_FIELDS,
            }
        }
    }
control_socket_disable = True  # it would be one for all chats of this account

# The first two come at every start and tell nothing to act on (docs/decisions/0002); before the
# third the worker has said in a sentence why it ended.
warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")
UNSAID = ("eventlet worker is DEPRECATED", "exited with code 1")
logging.getLogger("gunicorn.error").addFilter(
    lambda record: not any(said in record.getMessage() for said in UNSAID)
)


PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def on_starting(server: Any) -> None:
    """Find out what would keep every worker from serving, before there is one."""
    starting.check_workers(server.cfg.workers)
    if "GUNICORN_FD" not in os.environ:  # set where a running gunicorn replaces itself
        for address in server.cfg.address:
            if isinstance(address, tuple):  # the other kind is the path of a unix socket
                starting.check_port(*address[:2])
    if settings.MONGO_URI:  # the embedded database is migrated by the app itself
        migrate = [sys.executable, "-m", "flask", "--app", "wsgi", "migrate"]
        if subprocess.run(migrate, check=False).returncode != 0:
            sys.exit(1)


def post_fork(server: Any, worker: Any) -> None:
    """Let the worker die with its parent: one that was left alone would keep the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


_has_served = mmap.mmap(-1, 1)  # one byte that the workers and their parent share


def post_worker_init(worker: Any) -> None:
    # Ctrl+C reaches every process of the terminal. Its parent tells the worker to end, and
    # twice told it would be interrupted while it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _has_served[0] = True
    if worker.age == 1:  # not where it replaces one that died
        listens_on = worker.cfg.address[0]
        if isinstance(listens_on, tuple):
            listens_on = f"http://{starting.written(*listens_on[:2])}"
        starting.say_where(settings, listens_on)


def child_exit(server: Any, worker: Any) -> None:
    # Another one would end for the same reason, which it has said; or whoever started us does so.
    if not _has_served[0] or "CHATAPP_SUPERVISED" in os.environ:
        sys.exit(1)
