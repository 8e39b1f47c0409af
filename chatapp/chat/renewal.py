"""Messages rendered again when the renderer is another: in batches, beside everything else."""

import logging

from chatapp.chat import markdown
from chatapp.chat.repository import RenderingRepository
from chatapp.core import background
from chatapp.core.database import StorageError
from chatapp.core.errors import Unavailable

BATCH = 100
RETRY_SECONDS = 10.0
PAUSE_SECONDS = 0.1  # people come first: this takes a fifth of the time at most

logger = logging.getLogger(__name__)


class Renewal:
    """Goes through all messages by id, and keeps its place: stopped, it goes on from there.

    Until it comes by, a message is rendered each time it is shown.
    """

    def __init__(self, renderings: RenderingRepository) -> None:
        self._renderings = renderings

    def run(self, pause_seconds: float = PAUSE_SECONDS) -> int:
        """Render again what is not of this version; return how many messages that were."""
        renewed = 0
        while (place := self._renderings.get_place(markdown.VERSION)) is not None:
            messages = self._renderings.get_texts(place, BATCH)
            shown = markdown.fresh(messages)
            changed = [new for new, old in zip(shown, messages, strict=True) if new is not old]
            for message in changed:
                self._renderings.save_rendering(message)
            renewed += len(changed)
            after = messages[-1].id if messages else None
            if not self._renderings.advance(markdown.VERSION, place, after):
                break  # another process does the same, and is ahead
            background.sleep(pause_seconds)
        return renewed

    def run_to_the_end(self) -> None:
        """Do it beside the chat, however often the database goes away meanwhile."""
        while True:
            try:
                if renewed := self.run():
                    logger.info("rendered %s messages again", renewed)
                return
            except (StorageError, Unavailable):
                background.sleep(RETRY_SECONDS)
