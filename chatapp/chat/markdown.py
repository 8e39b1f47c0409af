"""From what people type to what is shown: Markdown in, a few harmless tags out.

`VERSION` names the way it is done. Whoever changes what comes out counts it up, and what is
stored is rendered again: at once where it is shown, in the background everywhere else.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from html import escape, unescape
from typing import Any

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String

from chatapp.chat.entities import Message
from chatapp.core import background, database

VERSION = 2

QUICK_LENGTH = 250
"""Up to here the slowest text there is takes a few milliseconds; the others go off the loop."""
MAX_CELLS = 2_000  # of a table, which fills up short rows: 4,000 characters could make 60,000
MAX_DEPTH = 40  # of quotes and lists; what lies deeper would be left out
MAX_HTML = 32_768  # eight times the longest text
HIGHLIGHT_SECONDS = 0.1  # of processor time, for all the code of a message
LINE_LENGTH = 140

_LEXERS = {
    "bash": "bash sh shell zsh console",
    "c": "c h",
    "cpp": "cpp c++ cc hpp",
    "csharp": "csharp cs c#",
    "css": "css",
    "diff": "diff patch",
    "docker": "docker dockerfile",
    "elixir": "elixir ex",
    "go": "go golang",
    "haskell": "haskell hs",
    "html": "html",
    "java": "java",
    "javascript": "javascript js jsx mjs",
    "json": "json",
    "kotlin": "kotlin kt",
    "lua": "lua",
    "perl": "perl pl",
    "php": "php",
    "powershell": "powershell ps1",
    "python": "python py python3",
    "r": "r",
    "ruby": "ruby rb",
    "rust": "rust rs",
    "scala": "scala",
    "scss": "scss",
    "sql": "sql",
    "swift": "swift",
    "toml": "toml",
    "typescript": "typescript ts tsx",
    "xml": "xml svg",
    "yaml": "yaml yml",
}
"""Lexers, and what may stand after the fence for each. Only those none of whose patterns takes long
for hostile text, which holds the interpreter: `ini` of Pygments 2.21 is not among them."""
LANGUAGES = {word: lexer for lexer, words in _LEXERS.items() for word in words.split()}

_CLASSES: dict[Any, str] = {
    Comment: "c",
    Keyword: "k",
    Operator.Word: "k",
    String: "s",
    Number: "m",
    Name.Function: "f",
    Name.Class: "f",
    Name.Tag: "f",
    Name.Decorator: "f",
    Generic.Inserted: "i",
    Generic.Deleted: "d",
    Generic.Heading: "c",
    Generic.Subheading: "c",
}
"""Kinds of words that have a colour, and the class that gives it."""


def fresh(messages: Sequence[Message]) -> list[Message]:
    """Return the messages, each with its text rendered by this `VERSION`."""
    stale = [message for message in messages if _is_stale(message)]
    if not stale:
        return list(messages)
    texts = [message.text for message in stale]
    rendered = dict(zip([message.id for message in stale], render_all(texts), strict=True))
    return [
        replace(message, html=rendered[message.id], renderer=VERSION)
        if message.id in rendered
        else message
        for message in messages
    ]


def _is_stale(message: Message) -> bool:
    return message.renderer != VERSION and not message.is_quiet and not message.is_deleted


def render_all(texts: Sequence[str]) -> list[str]:
    """Return the HTML of each text, without stopping the event loop for long."""
    if sum(map(len, texts)) <= QUICK_LENGTH and not any(map(_has_code, texts)):
        return [render(text) for text in texts]
    # One at a time: all share one interpreter, and the event loop wants its turn in it.
    with _turn.of("", database.patience_left()):
        return background.offload(lambda: [render(text) for text in texts])


_turn = background.Turns(locks=1)


def _has_code(text: str) -> bool:
    """Say whether there may be code to highlight; the first of a language loads its lexer."""
    return "```" in text or "~~~" in text


def render(text: str) -> str:
    """Return the HTML of a text. What Markdown makes nothing of is shown as it was typed."""
    if _LONE_EMOJI.fullmatch(text.strip()):
        return f'<p class="lone-emoji">{escape(text.strip())}</p>'
    if _WORDS.fullmatch(text):  # most of what is said; looking closer takes thirty times as long
        return f"<p>{text}</p>"
    return _marked_up(text)


_WORDS = re.compile(r"""[^\W\d_](?:[^\W_]|[,;'"()/+#%=$-]|[.:!?](?=[ .!?]|\Z)| (?!\Z))*""")
"""One line of words and marks in which neither Markdown nor a search for links sees anything."""


def _marked_up(text: str) -> str:
    markdown = _without_tables if _has_too_many_cells(text) else _markdown
    tokens = markdown.parse(text, {})
    if any(token.level >= MAX_DEPTH for token in tokens):
        return _plain(text)
    limits = {"deadline": time.thread_time() + HIGHLIGHT_SECONDS}
    html = _cleaner.clean(str(markdown.renderer.render(tokens, markdown.options, limits))).strip()
    return html if len(html) <= MAX_HTML and _shows_something(html) else _plain(text)


def _has_too_many_cells(text: str) -> bool:
    if "|" not in text:
        return False
    lines = text.split("\n")
    return (max(line.count("|") for line in lines) + 1) * len(lines) > MAX_CELLS


def _plain(text: str) -> str:
    return f"<p>{escape(text, quote=False).replace(chr(10), '<br>')}</p>"


def _shows_something(html: str) -> bool:
    return "<hr" in html or bool(re.sub(r"<[^>]*>", "", html).strip())


def line_of(html: str) -> str:
    """Return the first line that a rendered message shows, as plain text, cut where it is long."""
    broken = re.sub(r"<br>|</(?:p|li|blockquote|tr|pre)>", "\n", html)
    lines = unescape(re.sub(r"<[^>]*>", "", broken)).split("\n")
    line = next((" ".join(line.split()) for line in lines if line.strip()), "")
    return line if len(line) <= LINE_LENGTH else f"{line[: LINE_LENGTH - 1].rstrip()}…"


def framed(html: str) -> str:
    """Return rendered HTML with what the page puts around code and tables.

    Only tags that we made can be found here: in what was typed every `<` is escaped.
    """
    if "<pre>" in html:
        html = _PRE.sub(_frame, html).replace("</code></pre>", "</code></pre></div>")
    if "<table>" in html:
        html = html.replace("<table>", '<div class="table" tabindex="0"><table>')
        html = html.replace("</table>", "</table></div>")
    return html


_PRE = re.compile(r'<pre><code(?: class="language-([^"]+)")?>')


def _frame(match: re.Match[str]) -> str:
    return (
        f'<div class="code" data-language="{match[1] or "text"}">'
        '<button class="code__copy" type="button" data-copy-code'
        ' aria-label="Copy the code" title="Copy the code"><svg class="icon" aria-hidden="true">'
        '<use href="#icon-copy"/></svg></button><pre tabindex="0"><code>'
    )


# Highlighting


def _highlighted(code: str, language: str, deadline: float) -> str:
    """Return the code escaped, its words in spans; plain where that takes too long."""
    parts: list[tuple[str, str]] = []
    for name, value in _words(code, language):
        if time.thread_time() > deadline:
            return escape(code, quote=False)
        if parts and parts[-1][0] == name:
            parts[-1] = (name, parts[-1][1] + value)
        else:
            parts.append((name, value))
    return "".join(
        f'<span class="{name}">{escape(value, quote=False)}</span>'
        if name
        else escape(value, quote=False)
        for name, value in parts
    )


def _words(code: str, language: str) -> Iterator[tuple[str, str]]:
    for kind, value in _lexer(language).get_tokens(code):
        yield _class_of(kind), value


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


@cache
def _class_of(kind: Any) -> str:
    return next((name for wider, name in _CLASSES.items() if kind in wider), "")


# The parser and the sanitizer, each made once


def _parser() -> MarkdownIt:
    """As people type: headings and link definitions are for documents, `&amp;` for programs."""
    markdown = MarkdownIt(
        "commonmark",
        {"html": False, "linkify": True, "breaks": True, "maxNesting": 2 * MAX_DEPTH},
    )
    markdown.enable(["linkify", "strikethrough", "table"])
    # A rule that makes an image leaves an empty one where the sanitizer takes its address away.
    markdown.disable(["image", "heading", "lheading", "reference", "entity"])
    markdown.linkify = LinkifyIt().add("ftp:", None).add("//", None)  # leaves http, https, mailto
    markdown.add_render_rule("fence", _fence)
    for cell in ("th_open", "td_open"):
        markdown.add_render_rule(cell, _cell)
    return markdown


def _cell(_: object, tokens: Sequence[Token], index: int, options: object, limits: Any) -> str:
    """Say by a class what the stock rule says by a style, which the policy of the page refuses."""
    token = tokens[index]
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f'<{token.tag} class="{side}">' if side in _SIDES else f"<{token.tag}>"


_SIDES = {"left", "center", "right"}


def _fence(_: object, tokens: Sequence[Token], index: int, options: object, limits: Any) -> str:
    token = tokens[index]
    typed = token.info.split(maxsplit=1) or [""]
    language = LANGUAGES.get(typed[0].lower())
    if language is None:
        return f"<pre><code>{escape(token.content, quote=False)}</code></pre>\n"
    code = _highlighted(token.content, language, limits["deadline"])
    return f'<pre><code class="language-{language}">{code}</code></pre>\n'


_markdown = _parser()
_without_tables = _parser().disable("table")

_ADDRESS = re.compile(r"https?://|mailto:|/(?![/\\])", re.I)  # "//host" is another site


def _kept(tag: str, name: str, value: str) -> str | None:
    return value if name != "href" or _ADDRESS.match(value) else None


_TAGS = (
    *("p", "br", "hr", "strong", "em", "s", "a", "blockquote", "ul", "ol", "li"),
    *("code", "pre", "span", "table", "thead", "tbody", "tr", "th", "td"),
)
_cleaner = nh3.Cleaner(
    tags=set(_TAGS),
    attributes={"a": {"href"}, "ol": {"start"}},
    attribute_filter=_kept,
    allowed_classes={
        "span": set(_CLASSES.values()),
        "th": _SIDES,
        "td": _SIDES,
        "code": {f"language-{language}" for language in LANGUAGES.values()},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener noreferrer ugc",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)

# Lone emoji

_PICTURE = r"[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B05-\u2B55\u231A-\u23FF\u2934\u2935\u3030\u303D]"
_ONE = (
    r"(?:[\U0001F1E6-\U0001F1FF]{2}|[#*0-9]\uFE0F?\u20E3|[\u00A9\u00AE\u203C-\u3299]\uFE0F|"
    rf"{_PICTURE}[\uFE0F\U0001F3FB-\U0001F3FF]?(?:[\U000E0020-\U000E007F]{{1,8}})?)"
)
_LONE_EMOJI = re.compile(rf"(?:{_ONE}(?:\u200D{_ONE}){{0,8}}\s?){{1,12}}")
