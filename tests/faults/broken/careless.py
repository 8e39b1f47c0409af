"""Takes a write for done when one server has it in memory. R2 has to catch it."""

from chatapp.core import database

database.OPTIONS |= {"w": 1, "journal": False, "readConcernLevel": "local"}

from wsgi import app  # noqa: E402, F401 - after the change above
