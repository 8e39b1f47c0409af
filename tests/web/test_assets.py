"""How static files travel: one style sheet, for ever, small, and not twice."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from chatapp.web import assets
from tests.cast import Browser

SHEET = "css/all.css"


@pytest.fixture
def address(app: Flask) -> str:
    with app.test_request_context():
        return assets.static_url(SHEET)


def test_a_page_has_one_style_sheet(visitor: Browser) -> None:
    page = visitor.get("/setup").text
    assert re.findall(r'<link rel="stylesheet" href="([^"]+)"', page) == [
        re.search(r'"(/static/[0-9a-f]{12}/css/all\.css)"', page).group(1)  # type: ignore[union-attr]
    ]


def test_the_one_style_sheet_is_all_of_them_and_the_layers_first(
    visitor: Browser, address: str
) -> None:
    text = visitor.get(address).text
    sheets = {path.stem: path.read_text() for path in (assets.FOLDER / "css").glob("*.css")}
    assert set(sheets) == set(assets.SHEETS)
    assert all(sheet in text for sheet in sheets.values())
    assert text.startswith(sheets["_layers"])


def test_what_has_the_hash_of_now_is_kept_for_ever(visitor: Browser, address: str) -> None:
    caching = visitor.get(address).cache_control
    assert caching.immutable
    assert caching.public
    assert caching.max_age == assets.FOR_EVER


def test_another_hash_is_answered_and_asked_about_each_time(visitor: Browser) -> None:
    address = f"/static/000000000000/{SHEET}"
    answer = visitor.get(address)
    assert answer.status_code == 200
    assert str(answer.cache_control) == "no-cache"
    again = visitor.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data, str(again.cache_control)) == (304, b"", "no-cache")


def test_files_are_the_same_for_everybody(sign_in: Callable[[str], Browser], address: str) -> None:
    ana = sign_in("ana")
    assert "Cookie" in ana.get("/").headers["Vary"]
    answer = ana.get(address, headers={"Accept-Encoding": "br"})
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in answer.headers


def test_the_hash_changes_with_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def version() -> str:
        assets._files.cache_clear()
        assets._version.cache_clear()
        return assets._version()

    (tmp_path / "css").mkdir()
    for sheet in assets.SHEETS:
        (tmp_path / "css" / f"{sheet}.css").write_text("")
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "main.js").write_text("")
    with monkeypatch.context() as patched:
        patched.setattr(assets, "FOLDER", tmp_path)
        before = version()
        (tmp_path / "new.js").write_text("1")
        assert version() != before
    version()


@pytest.mark.parametrize("name", [SHEET, "js/main.js", "vendor/socket.io.esm.min.js"])
@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_text_is_compressed_and_not_sent_twice(
    app: Flask, visitor: Browser, name: str, encoding: str
) -> None:
    with app.test_request_context():
        address = assets.static_url(name)
    headers = {"Accept-Encoding": encoding}
    whole = visitor.get(address)
    small = visitor.get(address, headers=headers)
    assert small.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in small.headers["Vary"]
    assert len(small.data) < len(whole.data) / 3
    if encoding == "gzip":
        assert gzip.decompress(small.data) == whole.data
    again = visitor.get(address, headers={**headers, "If-None-Match": small.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert small.headers["ETag"] != whole.headers["ETag"]


def test_every_kind_of_text_there_is_is_compressed(app: Flask, visitor: Browser) -> None:
    sent = {"Accept-Encoding": "br"}
    suffixes = {Path(name).suffix for name in assets._files() if len(assets._files()[name]) > 1_000}
    for suffix in suffixes - {".lock"}:
        name = next(name for name in assets._files() if name.endswith(suffix))
        answer = visitor.get(f"/static/000000000000/{name}", headers=sent)
        assert answer.headers["Content-Encoding"] == "br", name


@pytest.mark.parametrize("asked", ["", "identity", "deflate"])
def test_whoever_takes_no_compression_gets_none(visitor: Browser, address: str, asked: str) -> None:
    answer = visitor.get(address, headers={"Accept-Encoding": asked})
    assert "Content-Encoding" not in answer.headers
    assert answer.data == assets._files()[SHEET]


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [("gzip, deflate, br, zstd", "zstd"), ("br, gzip", "br"), ("gzip", "gzip")],
)
def test_pages_are_compressed_and_never_kept(visitor: Browser, accepted: str, sent: str) -> None:
    answer = visitor.get("/setup", headers={"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == sent
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["../config.py", "css/../../cli.py", "css", "css/none.css"])
def test_nothing_else_is_found(visitor: Browser, name: str) -> None:
    assert visitor.get(f"/static/000000000000/{name}").status_code == 404
