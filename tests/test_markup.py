"""X2, X3: no way for a text to become markup, and the policy that would stop it."""

import re
from pathlib import Path

import pytest
from flask import Flask

from chatapp.web.security import POLICY
from tests.cast import Browser, Cast

ROOT = Path(__file__).parents[1] / "chatapp"
SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    r"|setHTMLUnsafe|createContextualFragment|\.srcdoc|setTimeout\(\s*[\"'`]"
)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.I)


def test_X2_rows_are_the_only_place_where_text_becomes_markup() -> None:
    found = {
        path.relative_to(ROOT / "static/js").as_posix()
        for path in (ROOT / "static/js").rglob("*.js")
        if SINKS.search(re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.M))
    }
    assert found == {"rows.js"}


def test_X2_templates_escape_everything() -> None:
    for path in ROOT.rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape false|Markup", path.read_text()), path
    marked = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if re.search(r"\bMarkup\(", path.read_text())
    }
    # `rendered`, for what chat/markdown.py has made.
    assert marked == {"web/pages.py"}
    asked = {path.name for path in ROOT.rglob("*.html") if "| rendered" in path.read_text()}
    assert asked == {"_message.html"}  # of `message.html`, and of nothing else


def test_X3_no_template_has_inline_script_or_style() -> None:
    for path in ROOT.rglob("*.html"):
        found = INLINE.search(path.read_text())
        assert found is None, f"{path}: {found[0] if found else ''}"


@pytest.mark.parametrize(
    "directive",
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "require-trusted-types-for 'script'",
    ],
)
def test_X3_the_policy_is_strict(app: Flask, cast: Cast, directive: str) -> None:
    header = Browser(app).get("/login").headers["Content-Security-Policy"]

    assert directive in header.split("; ")
    assert "unsafe" not in POLICY
    assert "*" not in POLICY
