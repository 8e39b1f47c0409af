"""A client that keeps its own log, and does what the page does to have it whole.

It fetches `after=<last seq>` when it connects, at a jump in `seq`, and when a head is told
that it does not have.
"""

import json
import threading
import time
from collections import defaultdict
from typing import Any
from uuid import uuid4

from tests.faults.world import Somebody, http
from tests.wire import LIMIT_SECONDS, Wire

PAGE = 200
PAUSE_SECONDS = 0.1


class Client(threading.Thread):
    """`log[room_id]` is what this person has read; `live` is what was told, in that order."""

    def __init__(
        self, somebody: Somebody, port: int, room_ids: list[str], url: str | None = None
    ) -> None:
        super().__init__(daemon=True)
        self.somebody = somebody
        self.username = somebody.user.username
        self.log: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.live: list[dict[str, Any]] = []
        self.acknowledged: list[dict[str, Any]] = []
        self.wire: Wire | None = None
        self.refetches_at_jumps = True
        self._port = port
        self._url = url or f"http://127.0.0.1:{port}"
        self._behind = set(room_ids)
        self._rooms = room_ids
        self._is_wanted = True

    # What it hears

    def run(self) -> None:
        while self._is_wanted:
            try:
                self._listen()
            except Exception:  # noqa: BLE001 - away in one of many ways: again
                time.sleep(PAUSE_SECONDS)

    def _listen(self) -> None:
        wire = self.wire = self.connect()
        self._behind |= set(self._rooms)
        done = 0
        while self._is_wanted and wire.is_open:
            for room_id in list(self._behind):
                self._catch_up(room_id)
            for name, payload in wire.heard[done:]:
                self._take(name, payload)
                done += 1
            if not self._behind and len(wire.heard) == done:
                self._wait_for_news(wire, done)

    def connect(self) -> Wire:
        return Wire(self._url, self.somebody.headers(self._port), self.somebody.csrf)

    def _wait_for_news(self, wire: Wire, done: int) -> None:
        try:
            wire.wait(lambda: len(wire.heard) > done or not wire.is_open, 1)
        except TimeoutError:
            return

    def _take(self, name: str, payload: Any) -> None:
        if name == "message_posted":
            message = payload["message"]
            self.live.append(message)
            self._read(message)
        elif name == "heads":
            self._behind |= {room for room, head in payload.items() if head > self.last(room)}
        elif name == "member_added" and payload["member"]["username"] == self.username:
            self._behind.add(payload["room"]["id"])

    def _read(self, message: dict[str, Any]) -> None:
        room_id, seq = message["room_id"], message["seq"]
        if seq == self.last(room_id) + 1 or not self.refetches_at_jumps:
            self.log[room_id].append(message)
        elif seq > self.last(room_id):
            self._behind.add(room_id)

    def last(self, room_id: str) -> int:
        return self.log[room_id][-1]["seq"] if self.log[room_id] else 0

    def _catch_up(self, room_id: str) -> None:
        while True:
            path = f"/rooms/{room_id}/messages?after={self.last(room_id)}&limit={PAGE}"
            status, body = http(self._port, self._url, path, self.somebody)
            if status == 404:
                break
            messages = json.loads(body)["messages"]
            self.log[room_id] += messages
            if len(messages) < PAGE:
                break
        self._behind.discard(room_id)

    # What it says

    def post(
        self,
        room_id: str,
        text: str,
        client_id: str | None = None,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> Any:
        """Ask once; return the answer, or None where there is none."""
        client_id = client_id or str(uuid4())
        wire = self.wire
        if wire is None or not wire.is_open:
            return None
        asked = {"room_id": room_id, "text": text, "client_id": client_id}
        return wire.ask("post_message", asked, limit_seconds)

    def deliver(
        self,
        room_id: str,
        text: str,
        limit_seconds: float = 5,
        is_new_id: bool = False,
    ) -> bool:
        """Ask until it is acknowledged, as the outbox of a page does, or nobody wants it."""
        client_id = str(uuid4())
        while self._is_wanted:
            answer = self.post(room_id, text, client_id, limit_seconds)
            if answer is not None and answer["ok"]:
                self.acknowledged.append(answer["message"])
                return True
            if answer is None and (self.wire is None or not self.wire.is_open):
                time.sleep(PAUSE_SECONDS)
            if is_new_id:
                client_id = str(uuid4())
        return False

    def drop_connection(self) -> None:
        if self.wire is not None:
            self.wire.close()

    def stop(self) -> None:
        self._is_wanted = False
        self.drop_connection()
        self.join(LIMIT_SECONDS)
