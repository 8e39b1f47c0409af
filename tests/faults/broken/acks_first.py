"""Acknowledges what it will write a moment later. R1 has to catch it."""

import random
from typing import Any

from chatapp.chat import repository
from chatapp.chat.entities import Draft, Saved
from chatapp.core import background

_save = repository.MessageRepository.save_messages


def save_messages(self: Any, room_id: str, drafts: list[Draft]) -> list[Saved | Exception]:
    head = self._heads.get(room_id) or self.get_heads([room_id]).get(room_id, 0)
    self._heads[room_id] = head + len(drafts)
    documents = [repository._to_document(room_id, draft) for draft in drafts]
    for seq, document in enumerate(documents, start=head + 1):
        document |= {"seq": seq, "created_at": self._now()}
    background.spawn(_write_later, self, documents)
    return [Saved(message=repository._to_message(document), is_new=True) for document in documents]


def _write_later(self: Any, documents: list[dict[str, Any]]) -> None:
    background.sleep(random.random() * 0.2)
    self._messages.insert_many(documents)


repository.MessageRepository.save_messages = save_messages  # type: ignore[method-assign, assignment]

from wsgi import app  # noqa: E402, F401 - after the change above
