"""Settings. The only reader of environment variables, and only of the mapping it is given."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

MIN_SECRET_KEY_LENGTH = 32
ASYNC_MODES = ("eventlet", "gevent", "threading")
SIGN_UPS = ("invite", "open")

LIMITS = {
    "CHATAPP_SOCKETS": 900,
    "CHATAPP_SOCKETS_PER_PERSON": 10,
    "CHATAPP_SOCKETS_PER_ADDRESS": 100,
    "CHATAPP_HANDSHAKES_PER_MINUTE": 60,  # each page opens one
    "CHATAPP_CONNECT_SECONDS": 10,
    "CHATAPP_FRAME_BYTES": 64 * 1024,  # 4,000 characters are 16 kB at most, 48 kB escaped
    "CHATAPP_FRAMES_PER_SECOND": 50,
    "CHATAPP_FRAMES_BURST": 100,
    "CHATAPP_MESSAGES_PER_SECOND": 5,
    "CHATAPP_MESSAGES_BURST": 20,
    "CHATAPP_TYPING_PER_MINUTE": 30,  # a page says so every 3 seconds
    "CHATAPP_BACKLOG_EVENTS": 500,
    "CHATAPP_BACKLOG_BYTES": 1_000_000,
    "CHATAPP_SIGN_IN_ACCOUNT": 5,
    "CHATAPP_SIGN_IN_ADDRESS": 20,
    "CHATAPP_SIGN_UP_ADDRESS": 50,
}


class ConfigError(Exception):
    """The settings cannot be used; the message names every problem."""


class Config:
    """Settings of any kind of deployment. Attributes in capitals become Flask's config."""

    MAX_CONTENT_LENGTH = 64 * 1024  # forms only: a member list is the longest of them
    COMPRESS_ALGORITHM = ("zstd", "br", "gzip")  # zstd: as small as brotli, and far quicker
    WTF_CSRF_TIME_LIMIT = None  # as long as the session it belongs to
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_REFRESH_EACH_REQUEST = False
    PERMANENT_SESSION_LIFETIME = timedelta(days=30)

    CHATAPP_SOCKETS: int
    CHATAPP_SIGN_IN_ACCOUNT: int
    CHATAPP_SIGN_IN_ADDRESS: int
    CHATAPP_SIGN_UP_ADDRESS: int
    CHATAPP_TYPING_PER_MINUTE: int

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.CHATAPP_ENV = environ.get("CHATAPP_ENV") or "development"
        self.CHATAPP_HOST = environ.get("CHATAPP_HOST") or "127.0.0.1"
        self.CHATAPP_PORT = environ.get("CHATAPP_PORT") or "5000"
        self.CHATAPP_DATA_DIR = Path(environ.get("CHATAPP_DATA_DIR") or "var").absolute()
        self.CHATAPP_ASYNC_MODE = environ.get("CHATAPP_ASYNC_MODE") or "eventlet"
        self.CHATAPP_SIGNUP = environ.get("CHATAPP_SIGNUP") or "invite"
        self.MONGO_URI = environ.get("MONGO_URI") or ""
        self.PUBLIC_URL = environ.get("PUBLIC_URL") or ""
        self.SECRET_KEY = environ.get("SECRET_KEY") or ""
        self.SOCKETIO_MESSAGE_QUEUE = environ.get("SOCKETIO_MESSAGE_QUEUE") or ""
        self._proxies = environ.get("CHATAPP_PROXIES") or "0"
        self._limits = {name: environ.get(name) or str(usual) for name, usual in LIMITS.items()}
        if problems := self.problems():
            raise ConfigError(" ".join(problems))
        for name, value in self._limits.items():
            setattr(self, name, int(value))
        self.CHATAPP_PROXIES = int(self._proxies)
        self.PUBLIC_URL = _origin(self.PUBLIC_URL) or ""
        self.SESSION_COOKIE_SECURE = self.PUBLIC_URL.startswith("https:")
        self.SESSION_COOKIE_NAME = self._cookie_name()

    def problems(self) -> list[str]:
        """Return a sentence for each setting that cannot be used."""
        checks = {
            "CHATAPP_PORT must be a port number.": not _is_port(self.CHATAPP_PORT),
            f"CHATAPP_ASYNC_MODE must be one of {', '.join(ASYNC_MODES)}.": (
                self.CHATAPP_ASYNC_MODE not in ASYNC_MODES
            ),
            f"CHATAPP_SIGNUP must be one of {', '.join(SIGN_UPS)}.": (
                self.CHATAPP_SIGNUP not in SIGN_UPS
            ),
            "PUBLIC_URL must be an address such as https://chat.example.org, without a path.": (
                _origin(self.PUBLIC_URL) is None
            ),
            "SOCKETIO_MESSAGE_QUEUE must start with redis://, rediss:// or unix://.": bool(
                self.SOCKETIO_MESSAGE_QUEUE
            )
            and not self.SOCKETIO_MESSAGE_QUEUE.startswith(("redis://", "rediss://", "unix://")),
        }
        checks["CHATAPP_PROXIES must be the number of proxies in front, 0 to 9."] = (
            self._proxies not in tuple("0123456789")
        )
        for name, value in self._limits.items():
            checks[f"{name} must be a whole number from 1."] = not _is_count(value)
        return [sentence for sentence, is_wrong in checks.items() if is_wrong]

    def _cookie_name(self) -> str:
        # Cookies ignore ports: without it two chats on one machine would sign each other out.
        return "__Host-chatapp" if self.SESSION_COOKIE_SECURE else f"chatapp_{self.CHATAPP_PORT}"


class DevelopmentConfig(Config):
    """Nothing needs to be set; the secret key is made once and kept in the data directory."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.SECRET_KEY = self.SECRET_KEY or kept_secret_key(self.CHATAPP_DATA_DIR)


class TestingConfig(Config):
    """In memory, unless a test names a database."""

    TESTING = True

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ)
        self.MONGO_URI = self.MONGO_URI or "mongomock://"
        self.SECRET_KEY = self.SECRET_KEY or "for tests only " * 3


class ProductionConfig(Config):
    """Refuses to start on anything unsafe."""

    def problems(self) -> list[str]:
        found = super().problems()
        if len(self.SECRET_KEY) < MIN_SECRET_KEY_LENGTH:
            found.append(
                f"SECRET_KEY must be set, to at least {MIN_SECRET_KEY_LENGTH} random characters: "
                "try `openssl rand -hex 32`."
            )
        if not self.PUBLIC_URL:
            found.append("PUBLIC_URL must be set, to the address people type.")
        elif not self.PUBLIC_URL.lower().startswith("https:"):
            found.append("PUBLIC_URL must begin with https: passwords and cookies travel there.")
        return found


_KINDS: dict[str, type[Config]] = {
    "development": DevelopmentConfig,
    "testing": TestingConfig,
    "production": ProductionConfig,
}


def config_for(environ: Mapping[str, str]) -> Config:
    """Return the settings that `environ` describes, or raise `ConfigError`."""
    name = environ.get("CHATAPP_ENV") or "development"
    if name not in _KINDS:
        raise ConfigError(f"CHATAPP_ENV must be one of {', '.join(_KINDS)}.")
    return _KINDS[name](environ)


def kept_secret_key(data_dir: Path) -> str:
    """Return the key kept in `data_dir`, made at first use, readable by its owner alone."""
    path = data_dir / "secret_key"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make_secret_key(path)
        return path.read_text()
    except OSError as error:
        raise ConfigError(
            f"CHATAPP_DATA_DIR cannot be used: {data_dir} ({error.strerror})."
        ) from error


def _make_secret_key(path: Path) -> None:
    """Write a new key to `path`, whole or not at all; of two processes the first one wins."""
    made = path.with_name(f"secret_key.{os.getpid()}.{secrets.token_hex(4)}")
    made.touch(mode=0o600)
    try:
        made.write_text(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink()


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdigit() and 0 < int(value) < 65536


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and 0 < int(value) < 2**31


def _origin(url: str) -> str | None:
    """Return `url` as browsers write an origin, empty where it is; None if it is no origin."""
    try:
        parts = urlsplit(url.rstrip("/").lower())
        port, usual = parts.port, {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    if not url:
        return ""
    origin = f"{parts.scheme}://{parts.netloc}"
    if usual is None or not parts.hostname or "@" in parts.netloc or origin != parts.geturl():
        return None
    return origin.removesuffix(f":{port}") if port == usual else origin
