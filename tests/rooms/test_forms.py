"""Names as people type them."""

import pytest
from flask import Flask

from chatapp.rooms.forms import MembersForm


class TestTheNamesTyped:
    @pytest.mark.parametrize(
        ("typed", "names"),
        [
            ("", []),
            (" , ;  @ ", []),
            ("ben", ["ben"]),
            ("ben,cleo", ["ben", "cleo"]),
            (" @ben;  cleo\ndora\t@emil ", ["ben", "cleo", "dora", "emil"]),
        ],
    )
    def test_are_parted_by_commas_and_spaces(
        self, app: Flask, typed: str, names: list[str]
    ) -> None:
        with app.test_request_context(method="POST", data={"members": typed}):
            assert MembersForm().usernames == names
