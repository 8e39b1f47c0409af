"""Flask extensions that keep no state until `init_app`."""

from flask_compress import Compress
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect

login_manager = LoginManager()
login_manager.session_protection = None  # sessions live on the server; see auth/service.py
csrf = CSRFProtect()
compress = Compress()
