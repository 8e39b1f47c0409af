"""What flask and gunicorn start: `app`."""

import gc
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

# What was made up to here stays. Looking it through again and again in search of garbage would
# take as long as a hundred messages each time, and at just the times when much comes in.
gc.freeze()
gc.set_threshold(10_000, 20, 20)  # of Python 3.11: 700, 10, 10
