"""Where to go after sign-in: a path of this site, and nothing else."""

import pytest
from flask import Flask

from chatapp.auth.login import safe_next

HOSTILE = [
    None,
    "",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https://evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "@evil.example",
    "evil.example",
    " //evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\x00//evil.example",
    "/%2fevil.example",
    "/%2F%2Fevil.example",
    "/%5cevil.example",
    "%2f%2fevil.example",
    "/%09/evil.example",
    "/%0d%0aSet-Cookie:x=1",
    "data:text/html,x",
]
LOCAL = ["/", "/rooms/new", "/rooms/65f?before=3", "/people?q=a%20b", "/a//b", "/?next=//x", "/é"]


class TestGoingOn:
    @pytest.mark.parametrize("target", HOSTILE)
    def test_S15_leads_home_from_anything_that_could_leave_the_site(
        self, app: Flask, target: str | None
    ) -> None:
        with app.test_request_context():
            assert safe_next(target) == "/"

    @pytest.mark.parametrize("target", LOCAL)
    def test_leads_to_a_path_of_this_site(self, app: Flask, target: str) -> None:
        with app.test_request_context():
            assert safe_next(target) == target
