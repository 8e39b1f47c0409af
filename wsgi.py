"""What flask and gunicorn start: `app`."""

import sys
from pathlib import Path

from dotenv import load_dotenv

from chatapp import create_app
from chatapp.core.embedded import EmbeddedUnavailable
from chatapp.realtime.farewell import at_sigterm
from config import ConfigError

load_dotenv(Path(__file__).with_name(".env"))

try:
    app = create_app()
except (ConfigError, EmbeddedUnavailable) as error:
    sys.exit(f"chatapp cannot start: {error}")

at_sigterm(app)
