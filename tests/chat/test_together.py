"""Posts that share a commit: each is acknowledged for its own, and none suffers by another."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.collection import Collection
from pymongo.errors import NetworkTimeout, WriteError

from chatapp.auth.entities import User
from chatapp.chat.entities import Message
from chatapp.chat.events import MessagePosted
from chatapp.rooms.errors import RoomNotFound
from chatapp.services import Services
from tests.cast import Cast, Listening, gather
from tests.wire import LIMIT_SECONDS, until


class Commits:
    """Each insert of messages waits until it is let go, and then for MongoDB."""

    def __init__(self, insert_many: Any) -> None:
        self._insert_many = insert_many
        self._may_go = threading.Semaphore(0)
        self.asked: list[list[str]] = []
        """The texts of each insert, whether it has been let go or not."""
        self.losing: list[int] = []
        """The numbers of those whose answer is lost when they are done."""

    def insert(self, collection: Any, documents: Any, *args: Any, **options: Any) -> Any:
        if collection.name != "messages":
            return self._insert_many(collection, documents, *args, **options)
        number = len(self.asked)
        self.asked.append([document["text"] for document in documents])
        assert self._may_go.acquire(timeout=LIMIT_SECONDS)
        done = self._insert_many(collection, documents, *args, **options)
        if number in self.losing:
            raise NetworkTimeout("timed out")
        return done

    def let_go(self, count: int = 1) -> None:
        self._may_go.release(count)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Commits:
    held = Commits(Collection.insert_many)

    def insert_many(self: Any, *args: Any, **options: Any) -> Any:
        return held.insert(self, *args, **options)

    monkeypatch.setattr(Collection, "insert_many", insert_many)
    return held


@pytest.fixture
def cast(harbour: Services) -> Cast:
    return gather(harbour)


class Posts:
    """Posts under way, each in a thread of its own, and what has become of those that are done."""

    def __init__(self, harbour: Services, room_id: str) -> None:
        self._harbour = harbour
        self._room_id = room_id
        self._threads: list[threading.Thread] = []
        self.done: dict[str, Message | Exception] = {}

    def post(self, who: User, text: str, client_id: str | None = None) -> None:
        """Begin to post, behind all that wait already."""
        before = self._waiting()

        def do() -> None:
            try:
                done = self._harbour.messages.post(who, self._room_id, text, client_id)
            except Exception as error:  # noqa: BLE001 - the outcome is the test's to judge
                self.done[text] = error
            else:
                self.done[text] = done

        thread = threading.Thread(target=do)
        self._threads.append(thread)
        thread.start()
        until(lambda: self._waiting() > before or text in self.done)

    def _waiting(self) -> int:
        """Return how many a commit under way has ahead of it, with that one itself."""
        waiting = self._harbour.messages._log._batches._waiting
        return sum(1 + len(behind) for behind in waiting.values())

    def wait(self) -> None:
        for thread in self._threads:
            thread.join(LIMIT_SECONDS)
            assert not thread.is_alive()

    def message(self, text: str) -> Message:
        done = self.done[text]
        assert isinstance(done, Message), done
        return done


@pytest.fixture
def posts(harbour: Services, cast: Cast, commits: Commits) -> Iterator[Posts]:
    """One post is being committed, and others may come to wait behind it."""
    posts = Posts(harbour, cast.garden.id)
    posts.post(cast.ana, "first")
    until(lambda: commits.asked == [["first"]])
    yield posts
    commits.let_go(100)
    posts.wait()


def test_what_waits_for_a_commit_shares_the_next_and_is_acknowledged_by_it(
    posts: Posts, commits: Commits, cast: Cast
) -> None:
    for text in ("a", "b", "c"):
        posts.post(cast.ben, text)
    assert commits.asked == [["first"]]
    assert posts.done == {}

    commits.let_go()
    until(lambda: len(commits.asked) == 2)
    until(lambda: "first" in posts.done)
    assert commits.asked[1] == ["a", "b", "c"]
    assert list(posts.done) == ["first"]

    commits.let_go()
    posts.wait()
    assert [(text, posts.message(text).text) for text in "abc"] == [*zip("abc", "abc", strict=True)]
    assert [posts.message(text).seq for text in ("first", *"abc")] == [1, 2, 3, 4]


def test_a_repeat_among_them_is_told_apart(
    harbour: Services, posts: Posts, commits: Commits, cast: Cast
) -> None:
    heard = Listening()
    harbour.bus.subscribe(MessagePosted, heard.append)
    posts.post(cast.ben, "once", "c-1")
    posts.post(cast.ben, "again", "c-1")
    posts.post(cast.ana, "of somebody else", "c-1")
    commits.let_go(100)
    posts.wait()

    assert posts.message("again") == posts.message("once")
    assert [posts.message(text).seq for text in ("once", "of somebody else")] == [2, 3]
    assert [event.message.text for event in heard.of(MessagePosted)] == [
        "first",
        "once",
        "of somebody else",
    ]


def test_one_that_is_refused_spoils_no_other(
    harbour: Services, posts: Posts, commits: Commits, cast: Cast
) -> None:
    harbour.database.command("collMod", "messages", validator={"text": {"$ne": "bad"}})
    try:
        for text in ("before", "bad", "after"):
            posts.post(cast.ben, text)
        posts.post(cast.cleo, "from outside")
        commits.let_go(100)
        posts.wait()
    finally:
        harbour.database.command("collMod", "messages", validator={})

    assert isinstance(posts.done["bad"], WriteError)
    assert isinstance(posts.done["from outside"], RoomNotFound)
    assert [posts.message(text).seq for text in ("before", "after")] == [2, 3]
    history = harbour.messages.history(cast.ana, cast.garden.id)
    assert [message.text for message in history.messages] == ["first", "before", "after"]


def test_a_lost_answer_acknowledges_nobody_and_asking_again_gives_each_their_own(
    harbour: Services, posts: Posts, commits: Commits, cast: Cast
) -> None:
    commits.losing = [1]
    for text in ("a", "b"):
        posts.post(cast.ben, text, f"c-{text}")
    commits.let_go(100)
    posts.wait()

    assert [type(posts.done[text]) for text in "ab"] == [NetworkTimeout] * 2
    for text in "ab":
        posts.post(cast.ben, text, f"c-{text}")
    posts.wait()
    history = harbour.messages.history(cast.ana, cast.garden.id)
    assert [posts.message(text) for text in "ab"] == history.messages[1:]
