"""What is typed is shown as people mean it, and nothing of it becomes markup of its own."""

import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatapp.chat import markdown
from chatapp.chat.entities import Message
from chatapp.chat.markdown import LANGUAGES, MAX_HTML, QUICK_LENGTH, framed, line_of, render
from chatapp.core import background, clock
from tests.corpora.markup import X
from tests.corpora.slow_texts import CODE, SLOW

ROOT = Path(__file__).parents[2]
MAX_LENGTH = 4_000
LINK = "nofollow noopener noreferrer ugc"

SHOWN = {
    "hello": "<p>hello</p>",
    "**b** *i* _i_ ~~s~~ `c`": (
        "<p><strong>b</strong> <em>i</em> <em>i</em> <s>s</s> <code>c</code></p>"
    ),
    "one\ntwo": "<p>one<br>\ntwo</p>",
    "one\n\ntwo": "<p>one</p>\n<p>two</p>",
    "- a\n- b": "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
    "3. c": '<ol start="3">\n<li>c</li>\n</ol>',
    "> q": "<blockquote>\n<p>q</p>\n</blockquote>",
    "    kept\n      as it is": "<pre><code>kept\n  as it is\n</code></pre>",
    "```\n<b>\n```": "<pre><code>&lt;b&gt;\n</code></pre>",
    "```nonsense\nx\n```": "<pre><code>x\n</code></pre>",
    "a\n\n---": "<p>a</p>\n<hr>",
    # What is for documents stays as it was typed.
    "# no heading": "<p># no heading</p>",
    "no\n===": "<p>no<br>\n===</p>",
    "[a]: https://example.org/": None,
    "&lt; &amp; &#106;": "<p>&amp;lt; &amp;amp; &amp;#106;</p>",
    "<b>&</b>": "<p>&lt;b&gt;&amp;&lt;/b&gt;</p>",
    "5 * 3 * 2 and snake_case_name": "<p>5 * 3 * 2 and snake_case_name</p>",
    # What Markdown would make nothing of.
    "> ": "<p>&gt; </p>",
    "```\n```": "<p>```<br>```</p>",
    "- ": "<p>- </p>",
    # Emoji by themselves.
    "🌱": '<p class="lone-emoji">🌱</p>',
    " 👍🏽 👩‍👩‍👧 🇩🇪 ❤️ 1️⃣\n": '<p class="lone-emoji">👍🏽 👩‍👩‍👧 🇩🇪 ❤️ 1️⃣</p>',
    "🌱 yes": "<p>🌱 yes</p>",
    "12": "<p>12</p>",
    "©": "<p>©</p>",
}


PARTS = (
    *("a", "example", "com", "www", "http", "mailto", "1", "日本", " ", "  ", ".", ":", "/", "//"),
    *("-", "+", "(", ")", "!", "?", ",", ";", '"', "'", "@", "_", "*", "[", "]", "`", "~", "|"),
    *("<", "&", "#", "\\", "\n", "\u00a0", "\ufe0f", "\u200d", "🙂", "ℹ", "\U0001f100", "中", "。"),
)


class Tags(HTMLParser):
    """Every tag with its attributes, and every word of text, of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


ATTRIBUTES = {
    "a": {"href", "rel", "target"},
    "ol": {"start"},
    "code": {"class"},
    "span": {"class"},
    "p": {"class"},
    "th": {"class"},
    "td": {"class"},
}
SIDES = {"left", "center", "right"}
CLASSES = {"lone-emoji", *SIDES, *"kcsmfid", *(f"language-{name}" for name in LANGUAGES.values())}


def is_harmless(html: str) -> Tags:
    """Fail unless these are a few tags that do nothing, well nested; return them."""
    found = Tags(html)
    assert found.open == []
    for tag, attributes in found.tags:
        assert tag in markdown._TAGS
        assert attributes.keys() <= ATTRIBUTES.get(tag, set())
        assert set((attributes.get("class") or "").split()) <= CLASSES
        if tag == "a":
            assert (attributes["rel"], attributes["target"]) == (LINK, "_blank")
            address = attributes.get("href") or "/"
            assert address.lower().startswith(("http://", "https://", "mailto:", "/"))
            assert not address.startswith(("//", "/\\"))
    assert len(html) <= MAX_HTML
    return found


class TestRendering:
    @pytest.mark.parametrize("typed", [typed for typed, html in SHOWN.items() if html])
    def test_shows_what_people_mean(self, typed: str) -> None:
        assert render(typed) == SHOWN[typed]

    def test_makes_tables(self) -> None:
        html = render("|a|b|\n|-|:-:|\n|1|<i>|")

        assert Tags(html).text.split() == ["a", "b", "1", "<i>"]
        assert [tag for tag, _ in Tags(html).tags] == [
            *("table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td")
        ]

    def test_aligns_columns_as_they_were_typed(self) -> None:
        html = render("|a|b|c|d|\n|:-|:-:|-:|-|\n|1|2|3|4|")

        sides = ["left", "center", "right", None]
        assert [given.get("class") for tag, given in Tags(html).tags if tag == "th"] == sides
        assert [given.get("class") for tag, given in Tags(html).tags if tag == "td"] == sides
        assert "style" not in html

    @pytest.mark.parametrize(
        ("typed", "address"),
        [
            ("https://example.org/?a=1&b=2", "https://example.org/?a=1&b=2"),
            ("[x](https://example.org/)", "https://example.org/"),
            ("<https://example.org/>", "https://example.org/"),
            ("www.example.org", "http://www.example.org"),
            ("example.org", "http://example.org"),
            ("ben@example.org", "mailto:ben@example.org"),
            ("[x](/rooms/1)", "/rooms/1"),
            ("[x](//evil.example)", None),
            ("[x](/\\evil.example)", "/%5Cevil.example"),
            ("[x](evil.html)", None),
            ("[x](ftp://example.org/)", None),
            ("[x](#top)", None),
        ],
    )
    def test_makes_links_that_lead_out_and_tell_nothing(
        self, typed: str, address: str | None
    ) -> None:
        ((_, (tag, attributes)),) = (is_harmless(render(typed)).tags,)

        assert (tag, attributes.get("href")) == ("a", address)

    @pytest.mark.parametrize(
        "typed",
        ["[x](javascript:alert(1))", "[x](data:text/html,x)", "javascript:alert(1)", "//evil.org"],
    )
    def test_makes_no_link_of_what_would_run(self, typed: str) -> None:
        assert [tag for tag, _ in is_harmless(render(typed)).tags] == ["p"]

    def test_has_no_images(self) -> None:
        html = render("![tracked](https://example.org/pixel.png)")

        assert "img" not in html
        assert Tags(html).text == "!tracked"

    @pytest.mark.parametrize("name", X)
    def test_X1_makes_every_vector_harmless(self, name: str) -> None:
        typed = X[name]
        for around in ("{}", "**{}**", "- {}", "> {}", "`{}`", "```html\n{}\n```", "[x]({})"):
            is_harmless(render(around.replace("{}", typed)))
        is_harmless(render(f"|a|\n|-|\n|{typed}|"))
        is_harmless(render(f"```{typed}\nx\n```"))

    @given(
        st.text(st.sampled_from("*_~`[]()<>|-#!&\"'\\/:. \n\tab1&") | st.characters(codec="utf-8"))
    )
    @settings(max_examples=400, suppress_health_check=list(HealthCheck), deadline=None)
    def test_X1_makes_anything_harmless_and_shows_something(self, typed: str) -> None:
        html = render(typed)

        found = is_harmless(html)
        if typed.strip():
            assert found.text.strip() or "<hr>" in html
        assert "\n" not in line_of(html)


class TestPlainWords:
    @pytest.mark.parametrize(
        "typed",
        [
            "hello",
            "So: yes, at noon (or later)... right?!",
            'it\'s "done"; and/or + - well',
            "Größe",
        ],
    )
    def test_take_the_short_way(self, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(markdown, "_marked_up", lambda text: "the long way")
        assert markdown.render(typed) == f"<p>{typed}</p>"

    @given(st.text("ab1 ,;:.!?'\"()/+#%=$-äЖ日ⅷ", min_size=1, max_size=12))
    @settings(max_examples=500, deadline=None)
    def test_are_what_the_long_way_makes_of_them(self, typed: str) -> None:
        assert markdown.render(typed) == markdown._marked_up(typed)

    @given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=6).map("".join))
    @settings(max_examples=500, deadline=None)
    def test_are_no_links_and_no_marks(self, typed: str) -> None:
        shown = markdown.render(typed)
        assert shown == markdown._marked_up(typed) or "lone-emoji" in shown


class TestCode:
    def test_is_highlighted_where_its_language_is_known(self) -> None:
        html = render('```py\ndef f(x):\n    return "<b>"  # no\n```')

        assert html == (
            '<pre><code class="language-python"><span class="k">def</span> '
            '<span class="f">f</span>(x):\n    <span class="k">return</span> '
            '<span class="s">"&lt;b&gt;"</span>  <span class="c"># no</span>\n</code></pre>'
        )

    @pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
    def test_of_every_language_is_what_was_typed(self, language: str) -> None:
        code = '\n\nif (a < b) { return "&amp;" } // \n\t# x: 1\n\n'

        html = render(f"```{language}\n{code}\n```")

        assert Tags(html).text == f"{code}\n"
        assert f'class="language-{language}"' in html
        is_harmless(html)

    def test_that_takes_too_long_is_plain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(markdown, "HIGHLIGHT_SECONDS", 0)

        assert "<span" not in render("```py\ndef f(): pass\n```")


class TestTheFrame:
    def test_is_put_around_code_and_tables(self) -> None:
        html = framed(render("```py\nx\n```\n\n    plain\n\n|a|\n|-|"))

        assert html.count('<div class="code" data-language="python">') == 1
        assert html.count('<div class="code" data-language="text">') == 1
        assert html.count("data-copy-code") == 2
        assert html.count('<div class="table" tabindex="0"><table>') == 1
        assert Tags(html).open == []

    def test_is_never_put_around_what_was_typed(self) -> None:
        typed = '<pre><code class="language-python"></code></pre><table></table>'
        for around in ("{}", "`{}`", "[{}](/)", "```{}\n{}\n```"):
            assert "<div" not in framed(render(around.replace("{}", typed))).replace(
                '<div class="code" data-language="text">', ""
            )


class TestTheFirstLine:
    @pytest.mark.parametrize(
        ("typed", "line"),
        [
            ("hello", "hello"),
            ("**one** & <two>\nthree", "one & <two>"),
            ("- a\n- b", "a"),
            ("> q\n\nanswer", "q"),
            ("\n\n```py\ndef f(): pass\n```", "def f(): pass"),
            ("|a|b|\n|-|-|\n|1|2|", "a"),
            ("one\n\ntwo", "one"),
            ("a   b", "a b"),
            ("🌱", "🌱"),
            ("---", ""),
            ("x" * 140, "x" * 140),
            ("x" * 141, "x" * 139 + "…"),
        ],
    )
    def test_is_plain_and_short(self, typed: str, line: str) -> None:
        assert line_of(render(typed)) == line


@pytest.fixture(scope="module")
def usual() -> float:
    """The processor time that ordinary writing of `QUICK_LENGTH` takes: under a millisecond."""
    writing = "The *quick* fox [jumps](https://example.org) over `it`, and **then**\n- rests\n"
    return _seconds((writing * QUICK_LENGTH)[:QUICK_LENGTH], tries=20)


class TestI6Work:
    """No text takes long; what may take longer than a moment is kept off the event loop."""

    @pytest.mark.parametrize("name", SLOW)
    def test_I6_of_a_quick_text_is_quick(self, name: str, usual: float) -> None:
        assert _seconds(SLOW[name](QUICK_LENGTH), tries=5) < 30 * usual

    @pytest.mark.parametrize("name", SLOW)
    def test_I6_of_the_longest_text_is_bounded(self, name: str, usual: float) -> None:
        text = SLOW[name](MAX_LENGTH)

        assert _seconds(text) < 700 * usual
        is_harmless(render(text))

    def test_I6_teeth_tables_without_a_limit_are_caught(
        self, usual: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(markdown, "MAX_CELLS", 10**9)

        assert _seconds(SLOW["a table of short rows"](MAX_LENGTH), tries=1) > 700 * usual

    @pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
    def test_I6_of_code_is_bounded(self, language: str, usual: float) -> None:
        render(f"```{language}\nx\n```")  # loads the lexer
        for hostile in CODE:
            code = (hostile * MAX_LENGTH)[: MAX_LENGTH - 40]
            assert _seconds(f"```{language}\n{code}\n```", tries=1) < 700 * usual, repr(hostile)

    def test_I6_is_off_the_loop_where_it_may_be_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        offloaded = []

        def offload(work: Callable[[], list[str]]) -> list[str]:
            offloaded.append(work)
            return work()

        monkeypatch.setattr(background, "offload", offload)
        quick = ["hello", "x" * QUICK_LENGTH, "🌱"]
        slow = ["x" * (QUICK_LENGTH + 1), "```\nx\n```", "~~~\nx\n~~~"]

        assert [markdown.render_all([text]) for text in quick] == [[render(t)] for t in quick]
        assert offloaded == []
        for text in slow:
            assert markdown.render_all([text]) == [render(text)]
        assert len(offloaded) == len(slow)
        markdown.render_all(["x" * 40] * 11)  # many are as long as a long one
        assert len(offloaded) == len(slow) + 1


def _seconds(text: str, tries: int = 3) -> float:
    """Return the processor time that rendering takes: others use this machine too."""
    best = 60.0
    for _ in range(tries):
        began = time.thread_time()
        render(text)
        best = min(best, time.thread_time() - began)
    return best


GAPS = """
import eventlet
eventlet.monkey_patch()
import time
from chatapp.chat import markdown
from tests.corpora.slow_texts import SLOW

text = SLOW["brackets"](4_000)

def worst_gap(work):
    gaps, is_over = [], False
    def watch():
        last = time.monotonic()
        while not is_over:
            eventlet.sleep(0.001)
            gaps.append(time.monotonic() - last)
            last = time.monotonic()
    watching = eventlet.spawn(watch)
    eventlet.sleep(0.01)
    work()
    is_over = True
    watching.wait()
    return sorted(gaps)[-2] if len(gaps) > 1 else gaps[0]  # one may be another process's doing

print(worst_gap(lambda: [(eventlet.sleep(0), markdown.render(text)) for _ in range(5)]))
print(worst_gap(lambda: [markdown.render_all([text]) for _ in range(5)]))
"""


def test_I6_the_event_loop_goes_on_meanwhile() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GAPS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    inline, offloaded = map(float, done.stdout.split())
    print(f"the loop stood still for {inline:.4f} s, and off it for {offloaded:.4f} s")
    assert offloaded < inline / 2


class TestFreshMessages:
    def test_are_rendered_where_another_version_did_it(self) -> None:
        new, old, never = (
            _message("new", html="<p>as stored</p>", renderer=markdown.VERSION),
            _message("**old**", html="<p>old</p>", renderer=markdown.VERSION - 1),
            _message("*never*"),
        )

        shown = markdown.fresh([new, old, never])

        assert shown[0] is new
        assert [m.html for m in shown[1:]] == [
            "<p><strong>old</strong></p>",
            "<p><em>never</em></p>",
        ]
        assert {m.renderer for m in shown} == {markdown.VERSION}

    def test_leave_quiet_lines_and_what_was_deleted_alone(self) -> None:
        line, gone = _message("", kind="joined"), _message("", deleted_at=clock.now())

        assert markdown.fresh([line, gone]) == [line, gone]


def _message(text: str, **more: Any) -> Message:
    return Message(
        id=f"id of {text}",
        room_id="r",
        seq=1,
        text=text,
        sender="ana",
        created_at=clock.now(),
        client_id="c",
        **more,
    )
