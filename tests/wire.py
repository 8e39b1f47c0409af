"""A person at a real server: HTTP with cookies, and a socket that speaks Socket.IO by hand.

By hand, because tests of delivery need to see each frame and to stop reading at will.
"""

import contextlib
import http.cookiejar
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import websocket

from tests.cast import PASSWORD

LIMIT_SECONDS = 20.0
GOODBYE_SECONDS = 3.0


class Person:
    """Somebody with a browser's cookies and nothing else of a browser."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies)
        )

    def get(self, path: str, accept: str = "text/html") -> str:
        asked = urllib.request.Request(self.url + path, headers={"Accept": accept})
        with self._opener.open(asked, timeout=LIMIT_SECONDS) as answer:
            return str(answer.read().decode())

    def get_json(self, path: str) -> Any:
        return json.loads(self.get(path, "application/json"))

    def post(self, path: str, **form: str) -> str:
        """Send a form with this session's CSRF token; return the page it leads to."""
        data = urllib.parse.urlencode({**form, "csrf_token": self.csrf()}).encode()
        asked = urllib.request.Request(self.url + path, data, {"Referer": self.url + path})
        with self._opener.open(asked, timeout=LIMIT_SECONDS) as answer:
            return str(answer.read().decode())

    def csrf(self) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/login"))
        assert found is not None
        return found[1]

    def set_up(self, username: str, workspace: str = "Harbour") -> str:
        """Make the first account; return the path of the invite link."""
        page = self.post("/setup", workspace=workspace, username=username, password=PASSWORD)
        found = re.search(r"/signup\?invite=[0-9a-f]+", page)
        assert found is not None
        return found[0]

    def sign_up(self, invite_path: str, username: str) -> None:
        invite = invite_path.partition("invite=")[2]
        self.post(
            "/signup",
            username=username,
            display_name=username.title(),
            password=PASSWORD,
            invite=invite,
        )

    def first_room(self) -> str:
        """Return the id of the first room on the home page."""
        found = re.search(r"/rooms/([0-9a-f]{24})", self.get("/"))
        assert found is not None
        return found[1]

    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)

    def socket(self) -> "Wire":
        return Wire(self.url, self.cookie(), self.csrf())


class Wire:
    """One socket on /chat. Everything heard is kept in `heard`, in order."""

    def __init__(self, url: str, cookie: str, csrf: str) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.acks: dict[int, Any] = {}
        self._asked = 0
        self._news = threading.Condition()
        self._is_open = False
        self._websocket = websocket.create_connection(
            url.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket",
            timeout=LIMIT_SECONDS,
            cookie=cookie,
            origin=url,
            enable_multithread=True,
        )
        self._websocket.settimeout(None)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._send("40/chat," + json.dumps({"csrf": csrf}))
        self.wait(lambda: self._is_open)

    def ask(self, name: str, payload: Any, limit_seconds: float = LIMIT_SECONDS) -> Any:
        """Send a request and return its ack, or None where none came."""
        with self._news:
            self._asked += 1
            number = self._asked
        try:
            self._send(f"42/chat,{number}" + json.dumps([name, payload]))
            self.wait(lambda: number in self.acks or not self._is_open, limit_seconds)
        except (websocket.WebSocketException, OSError):  # TimeoutError is one
            return None
        return self.acks.pop(number, None)

    def send(self, *frames: str | bytes) -> None:
        """Send frames as they are; it may be closed for that."""
        with contextlib.suppress(websocket.WebSocketException, OSError):
            for frame in frames:
                binary = websocket.ABNF.OPCODE_BINARY
                text = websocket.ABNF.OPCODE_TEXT
                self._websocket.send(frame, binary if isinstance(frame, bytes) else text)

    def wait(self, happened: Callable[[], bool], limit_seconds: float = LIMIT_SECONDS) -> None:
        with self._news:
            if not self._news.wait_for(happened, limit_seconds):
                raise TimeoutError(f"not within {limit_seconds} s; heard {len(self.heard)} events")

    def of(self, name: str) -> list[Any]:
        return [payload for heard, payload in list(self.heard) if heard == name]

    @property
    def is_open(self) -> bool:
        return self._is_open

    def close(self) -> None:
        """Say goodbye, and let the reader hear the answer: it would not come to `close()`."""
        with contextlib.suppress(websocket.WebSocketException, OSError):
            self._websocket.send_close()
        self._reader.join(GOODBYE_SECONDS)
        self._websocket.shutdown()

    def _send(self, frame: str) -> None:
        self._websocket.send(frame)

    def _read(self) -> None:
        try:
            while frame := self._websocket.recv():
                with self._news:
                    self._take(str(frame))
                    self._news.notify_all()
        except (websocket.WebSocketException, OSError):
            pass
        self._websocket.shutdown()  # the other side is gone: nobody else would close ours
        with self._news:
            self._is_open = False
            self._news.notify_all()

    def _take(self, frame: str) -> None:
        if frame == "2":
            self._send("3")
        elif frame.startswith("40/chat,"):
            self._is_open = True
        elif frame.startswith(("41/chat", "44/chat")):
            self._is_open = False
        elif frame.startswith("42/chat,"):
            name, payload = json.loads(frame.removeprefix("42/chat,"))
            self.heard.append((name, payload))
        elif match := re.match(r"43/chat,(\d+)", frame):
            self.acks[int(match[1])] = json.loads(frame[match.end() :])[0]


def until(happened: Callable[[], bool], limit_seconds: float = LIMIT_SECONDS) -> None:
    """Wait for something that nobody announces."""
    deadline = time.monotonic() + limit_seconds
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {limit_seconds} s")
        time.sleep(0.02)
