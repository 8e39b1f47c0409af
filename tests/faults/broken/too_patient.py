"""Waits for the database as long as the driver does by default. R7 has to catch it."""

from chatapp.core import database
from chatapp.realtime import namespace

for name in ("timeoutMS", "serverSelectionTimeoutMS", "connectTimeoutMS", "waitQueueTimeoutMS"):
    del database.OPTIONS[name]
database.PATIENCE_SECONDS = 60
_patience = database.patience
namespace.patience = lambda: _patience(60)  # type: ignore[attr-defined, assignment]

from wsgi import app  # noqa: E402, F401 - after the change above
