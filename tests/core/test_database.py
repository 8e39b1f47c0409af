"""Where data is kept: what an acknowledgement promises, and what an id is."""

import threading
import time
from functools import partial

import pytest
from bson import ObjectId
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from chatapp.core.database import (
    PATIENCE_SECONDS,
    Documents,
    Lookup,
    connect,
    object_id,
    patience_left,
)
from tests.cast import Clock, at_once
from tests.wire import until


class TestAConnection:
    def test_acknowledges_what_a_majority_has_in_its_journal(self, mongodb: Documents) -> None:
        assert mongodb.write_concern == WriteConcern(w="majority", j=True)
        assert mongodb.read_concern == ReadConcern("majority")

    def test_gives_up_in_seconds_and_has_room_for_everybody(self, mongodb: Documents) -> None:
        options = mongodb.client.options

        assert options.timeout == PATIENCE_SECONDS
        assert options.server_selection_timeout == 2
        assert options.pool_options.wait_queue_timeout == 2
        assert options.pool_options.max_pool_size >= 200

    @pytest.mark.parametrize(
        ("uri", "name"), [("mongodb://x/", "chatapp"), ("mongodb://x/team", "team")]
    )
    def test_opens_the_database_that_its_address_names(self, uri: str, name: str) -> None:
        database = connect(f"{uri}?connect=false")

        assert database.name == name
        database.client.close()

    def test_reads_the_times_that_it_was_given(self, database: Documents, clock: Clock) -> None:
        moment = clock()
        database["times"].insert_one({"_id": 1, "at": moment})

        assert database["times"].find_one({"_id": 1}) == {"_id": 1, "at": moment}


class TestAnId:
    def test_is_found_by_its_text(self) -> None:
        id_ = ObjectId()

        assert object_id(str(id_)) == id_

    @pytest.mark.parametrize(
        "value", ["", "x", "0" * 23, "g" * 24, "A" * 24, "\ud800", 5, {"$gt": ""}]
    )
    def test_that_is_none_is_the_id_of_nothing(self, value: str) -> None:
        assert object_id(value) is None


class TestALookup:
    def test_of_many_at_once_is_one_question(self) -> None:
        asked: list[list[int]] = []
        is_in, may_go = threading.Event(), threading.Event()

        def find(keys: list[int]) -> dict[int, str]:
            asked.append(sorted(keys))
            is_in.set()
            assert may_go.wait(10)
            return {key: f"no. {key}" for key in keys if key != 3}

        lookup = Lookup(find)
        first = threading.Thread(target=lookup.find, args=(0,))
        first.start()
        assert is_in.wait(10)

        def let_go() -> None:
            until(lambda: len(lookup._batches._waiting[""]) == 5)
            may_go.set()

        *found, _ = at_once(*(partial(lookup.find, key) for key in (1, 1, 2, 3, 3)), let_go)
        first.join(10)

        assert found == ["no. 1", "no. 1", "no. 2", None, None]
        assert asked == [[0], [1, 2, 3]]

    def test_has_no_more_patience_for_having_waited_for_others(self) -> None:
        ends: list[float] = []
        is_in, may_go = threading.Event(), threading.Event()

        def find(keys: list[int]) -> dict[int, str]:
            ends.append(time.monotonic() + patience_left())
            is_in.set()
            assert may_go.wait(10)
            return {}

        lookup = Lookup(find)
        threads = [threading.Thread(target=lookup.find, args=(key,)) for key in (0, 1)]
        threads[0].start()
        assert is_in.wait(10)
        threads[1].start()
        until(lambda: len(lookup._batches._waiting[""]) == 1)
        was_waiting_at = time.monotonic()
        may_go.set()
        for thread in threads:
            thread.join(10)

        assert ends[1] < was_waiting_at + PATIENCE_SECONDS
