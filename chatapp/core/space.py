"""Whether the disk has room. A database on a full one ends, and then nothing can be read either."""

import shutil
from pathlib import Path

from chatapp.core.errors import Unavailable

KEPT_BYTES = 64 * 1024 * 1024  # for journals and checkpoints: two files of 16 MB, twice


class DiskFull(Unavailable):
    code = "disk_full"
    sentence = "The disk of this chat is full: what is there can be read. Whoever runs it can help."


class Space:
    """Of the folder with the embedded database; a server of its own looks after itself."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def check(self) -> None:
        """Raise `DiskFull` before the database itself runs out of room."""
        if self._folder is not None and shutil.disk_usage(self._folder).free < KEPT_BYTES:
            raise DiskFull()
