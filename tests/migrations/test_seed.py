"""Something to look at, and something to measure with."""

import unicodedata
from collections import Counter
from itertools import islice

import pytest

from chatapp.chat import markdown
from chatapp.chat.repository import MessageRepository
from chatapp.chat.service import MAX_LENGTH
from chatapp.core import clock
from chatapp.core.database import Documents
from chatapp.core.text import clean
from chatapp.rooms.repository import RoomRepository
from chatapp.services import Services
from migrations_seed.seed import demo, volume
from migrations_seed.seed.words import Chatter
from tests.cast import Cast

COLLECTIONS = ("users", "rooms", "room_members", "messages", "workspace")


def _counts(database: Documents) -> dict[str, int]:
    return {name: database[name].count_documents({}) for name in COLLECTIONS}


class TestTheDemo:
    def test_tells_of_ana_ben_and_cleo(self, services: Services) -> None:
        said = demo.tell(services)

        ana, cleo = services.accounts.find("ana"), services.accounts.find("cleo")
        assert ana is not None
        assert cleo is not None
        assert ana.is_site_admin
        assert [m.room_name for m in services.rooms.list_for(ana)] == [
            "Boat",
            "Garden",
            "General",
            "Kitchen",
            "Release 7",
        ]
        assert "Garden" not in [m.room_name for m in services.rooms.list_for(cleo)]
        garden = services.rooms.list_for(ana)[1]
        assert services.messages.history(ana, garden.room_id).head == len(demo.GARDEN)
        assert demo.PASSWORD in said
        assert services.accounts.sign_in("cleo", demo.PASSWORD)

    def test_has_one_of_each_that_can_be_seen(self, services: Services) -> None:
        demo.tell(services)

        ana = services.accounts.find("ana")
        assert ana is not None
        assert [room.room_name for room in services.rooms.archived(ana)] == ["Summer party"]
        assert {listed.room.name for listed in services.rooms.directory(ana)} == {
            "Boat",
            "General",
            "Kitchen",
        }
        assert len(services.rooms.directs_for(ana)) == 1
        (release,) = (r for r in services.rooms.list_for(ana) if r.room_name == "Release 7")
        said = services.messages.history(ana, release.room_id).messages
        assert [message.seq for message in said if message.edits] == [1]
        assert [message.seq for message in said if message.is_deleted] == [5]
        assert [message.seq for message in said if message.reply_to] == [4]
        assert [message.seq for message in said if message.pin] == [1]

    def test_again_adds_nothing(self, services: Services) -> None:
        demo.tell(services)
        before = _counts(services.database)

        said = demo.tell(services)

        assert _counts(services.database) == before
        assert "nothing was added" in said

    def test_leaves_a_database_in_use_alone(self, services: Services) -> None:
        services.accounts.set_up("Harbour", "dora", "garden-gate-7")
        before = _counts(services.database)

        demo.tell(services)

        assert _counts(services.database) == before


class TestTheVolume:
    def test_is_a_workspace_as_the_repositories_know_it(self, database: Documents) -> None:
        volume.fill(database, rooms=20, messages=7)

        rooms = RoomRepository(database, clock.now)
        messages = MessageRepository(database, clock.now)
        ids = [str(room["_id"]) for room in database["rooms"].find()]
        heads = [messages.get_head(room_id) for room_id in ids]
        assert (len(ids), sum(heads)) == (20, 140)
        for room_id, head in zip(ids, heads, strict=True):
            room, members = rooms.get_room(room_id), rooms.get_room_members(room_id)
            assert room is not None
            assert [m.username for m in members if m.is_room_admin] == [room.created_by]
            assert {m.room_name for m in members} == {room.name}
            said = messages.get_messages(room_id, limit=200)
            assert [message.seq for message in said] == list(range(1, head + 1))
            assert {message.sender for message in said} <= {m.username for m in members}

    def test_has_ana_in_every_tenth_room_and_lets_her_in(self, services: Services) -> None:
        volume.fill(services.database, rooms=50, messages=1)

        ana = services.accounts.find("ana")
        assert ana is not None
        assert ana.is_site_admin
        assert len(services.rooms.list_for(ana)) == 5
        assert services.accounts.is_set_up()
        assert services.accounts.sign_in("ana", volume.PASSWORD)

    def test_has_large_rooms_and_small_ones(self, mongodb: Documents) -> None:
        volume.fill(mongodb, rooms=200, messages=10)

        count = {"$group": {"_id": "$room_id", "messages": {"$count": {}}}}
        sizes = sorted(found["messages"] for found in mongodb["messages"].aggregate([count]))
        assert sizes[-1] > 10 * sizes[len(sizes) // 2]

    def test_is_written_in_the_order_of_time_over_all_rooms(self, database: Documents) -> None:
        volume.fill(database, rooms=5, messages=20)

        said = list(database["messages"].find().sort("created_at", 1))
        assert [message["_id"] for message in said] == sorted(message["_id"] for message in said)
        assert len({message["room_id"] for message in said[:10]}) > 1

    def test_again_adds_nothing(self, database: Documents) -> None:
        volume.fill(database, rooms=3, messages=2)
        before = _counts(database)

        said = volume.fill(database, rooms=3, messages=2)

        assert _counts(database) == before
        assert "nothing was added" in said

    def test_leaves_a_database_in_use_alone(self, services: Services, cast: Cast) -> None:
        before = _counts(services.database)

        volume.fill(services.database, rooms=3, messages=2)

        assert _counts(services.database) == before

    def test_refuses_what_an_interrupted_load_left(
        self, database: Documents, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(volume.Chatter, "texts", interrupt)
            with pytest.raises(KeyboardInterrupt):
                volume.fill(database, rooms=3, messages=2)

        with pytest.raises(volume.HalfFilled):
            volume.fill(database, rooms=3, messages=2)

    def test_can_be_gone_on_with(self, database: Documents) -> None:
        volume.fill(database, rooms=3, messages=2)
        messages = MessageRepository(database, clock.now)

        for room in database["rooms"].find():
            head = messages.get_head(str(room["_id"]))
            message, is_new = messages.save_message(str(room["_id"]), "more", "ana")
            assert (message.seq, is_new) == (head + 1, True)


class TestTheTexts:
    def test_have_few_frequent_words_and_many_rare_ones(self) -> None:
        words = Counter(w for text in islice(Chatter("a").texts(), 5_000) for w in text.split())

        (_, first), (_, tenth) = words.most_common(10)[0], words.most_common(10)[9]
        assert 5 < first / tenth < 20  # 10, says Zipf
        assert sum(1 for count in words.values() if count == 1) > 50

    def test_are_sometimes_not_latin(self) -> None:
        said = " ".join(islice(Chatter("a").texts(), 1_000))

        for script in ("GREEK", "CYRILLIC", "HIRAGANA", "CJK", "ARABIC", "DEVANAGARI", "HANGUL"):
            assert any(unicodedata.name(c, "").startswith(script) for c in said), script

    def test_are_the_same_for_the_same_seed(self) -> None:
        one, same, other = (list(islice(Chatter(seed).texts(), 10)) for seed in "aab")

        assert one == same != other

    def test_may_be_posted(self) -> None:
        for text in islice(Chatter("a").texts(), 5_000):
            assert clean(text) == text
            assert 1 <= len(text) <= MAX_LENGTH

    def test_are_stored_as_the_renderer_would(self) -> None:
        for text in islice(Chatter("a").texts(), 1_000):
            assert volume._words(text)["html"] == markdown.render(text)
