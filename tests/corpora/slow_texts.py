"""I6: texts that make parsers work, `n` characters long; and bits of code that do it to lexers."""

from collections.abc import Callable

_REPEATED = {
    "brackets": "[",
    "links begun": "[a](",
    "images begun": "![",
    "links": "[a](b)",
    "images in links": "[![a](",
    "references": "[a][",
    "addresses begun": "[a](<b",
    "titles begun": '[a](b "',
    "brackets in code": "`[",
    "brackets in stars": "*[",
    "stars": "*",
    "stars and lines": "*_",
    "emphasis begun": "*a ",
    "emphasis crossed": "*a_ ",
    "emphasis crossed and closed": "*a_*b_ ",
    "strong begun": "**x* ",
    "strong inside": "a**b",
    "emphasis ended": "a*",
    "underlines": "_a_",
    "underlines uneven": "_a__ ",
    "strike": "~~a~~",
    "strike begun": "~~a ",
    "tildes": "~~",
    "backticks": "`a``b",
    "quotes": "> ",
    "quotes in lines": "> a\n",
    "lists in a line": "- ",
    "numbers in a line": "1. ",
    "lists": "- a\n",
    "loose lists": "- a\n\n",
    "empty lists": "*\n",
    "lists in quotes": "> - a\n",
    "quotes of lists": "> - ",
    "pipes": "|",
    "angles": "<",
    "tags begun": "<a ",
    "autolinks begun": "<http:a",
    "comments begun": "<!--",
    "ampersands": "&",
    "entities": "&#1;",
    "backslashes": "\\",
    "escapes": "\\*",
    "lines": "a\n",
    "empty lines": "\n",
    "indented": "    a\n",
    "fences": "```\n",
    "fences of waves": "~~~\n",
    "rules": "---\n",
    "rules with spaces": "* * *\n",
    "addresses": "http://a.b ",
    "hosts": "a.co ",
    "mail": "a@b.co ",
    "www": "www.",
    "schemes": "://",
    "http": "http:",
    "mailto": "mailto:",
    "dots": "a.",
    "at signs": "a@",
    "emoji": "😀",
    "flags": "🇩",
    "joined emoji": "👩‍",
    "html": "<b>x</b>",
}
SLOW: dict[str, Callable[[int], str]] = (
    {
        name: lambda n, part=part: (part * n)[:n]  # type: ignore[misc]
        for name, part in _REPEATED.items()
    }
    | {
        "nested brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
        "backticks of all lengths": lambda n: "".join("`" * (i % 50 + 1) + "a" for i in range(n))[
            :n
        ],
        "nested lists": lambda n: "".join("  " * (i % 100) + "- a\n" for i in range(n))[:n],
        "a wide table": lambda n: f"{'|a' * (n // 4)}|\n{'|-' * (n // 4)}|\n"[:n],
        "a table of short rows": lambda n: (
            f"{'|a' * (n // 16)}|\n{'|-' * (n // 16)}|\n" + "|\n" * (n // 4)
        )[:n],
        "a table of two columns": lambda n: ("a|b\n-|-\n" + "a\n" * n)[:n],
        "slashes": lambda n: ("http://" + "/" * n)[:n],
        "an address of parentheses": lambda n: ("http://a.b/" + "(" * n)[:n],
        "addresses in brackets": lambda n: ("http://a.b/[" * n)[:n],
    }
)

CODE = (
    *("'\\", '"\\', "''/", "a.", "?0x", "\n  ", "a b ", "fn ", "def ", '"""', '"""*/', "/*", "//"),
    *("&", "`", "$", "<", "=", ":", "#", "@", "\\\n", "<<A\n", "${", "{{", "(", "[", "::", "let "),
    *("<a ", "<!--", "<?php ", "<script>", 'r#"', '@"', "%{", "qw(", "=begin\n", "1", "_", "\t"),
)
