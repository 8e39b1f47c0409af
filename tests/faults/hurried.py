"""The chat as it is, where presence takes seconds and not minutes."""

import os

from chatapp.presence import service

service.AWAY_SECONDS = float(os.environ.get("HURRIED_AWAY_SECONDS", "4"))
service.GONE_SECONDS = float(os.environ.get("HURRIED_GONE_SECONDS", "1"))
service.SAVE_SECONDS = 2.0
service.MOST_LOOKS = 6

from wsgi import app  # noqa: E402, F401 - after the change above
