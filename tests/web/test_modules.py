"""Modules joined into one file. That it runs is shown by every story in tests/browser."""

import re
from graphlib import CycleError

import pytest

from chatapp.web import assets, modules


def joined(**sources: str) -> dict[str, str]:
    """Join modules that are named without folder and ending."""
    named = {f"js/{name.replace('__', '/')}.js": text.encode() for name, text in sources.items()}
    return {name: content.decode() for name, content in modules.joined(named).items()}


def test_main_brings_what_it_imports_and_every_mount() -> None:
    served = joined(
        main="",
        dom="export const me = 1\n",
        mounts__one='import { me } from "../dom.js"\n\nexport function mount() {}\n',
        later="export const heavy = 1\n",
    )
    written = re.findall(r'^written\["(.+)"\]', served["js/main.js"], re.MULTILINE)
    assert set(written) == {"js/main.js", "js/dom.js", "js/mounts/one.js"}
    assert set(served) == set(written), "what nobody imports is served as it is written"


def test_exports_are_given_and_imports_are_taken() -> None:
    served = joined(
        main='import { me, one as two } from "./dom.js"\nimport "./other.js"\n',
        dom="export const me = 1\nexport async function one() {}\nexport class Two {}\n",
        other="hear()\n",
    )["js/main.js"]
    assert 'const { me, one: two } = need("js/dom.js")\nneed("js/other.js")\n' in served
    assert "const me = 1\nasync function one() {}\nclass Two {}\nreturn { me, one, Two }" in served


def test_what_is_not_ours_is_left_to_the_browser() -> None:
    served = joined(main='import { io } from "../vendor/io.js"\n')["js/main.js"]
    assert served.startswith('import * as outside0 from "../vendor/io.js"\n')
    assert 'const made = { "vendor/io.js": outside0 }' in served
    assert 'const { io } = need("vendor/io.js")' in served


def test_a_joined_module_is_found_at_its_own_address_and_is_the_same() -> None:
    served = joined(main="", mounts__one="export function mount() {}\n")
    assert served["js/mounts/one.js"] == (
        'import { need } from "../main.js"\nexport const { mount } = need("js/mounts/one.js")\n'
    )


def test_what_is_reached_later_may_be_joined_or_not() -> None:
    served = joined(main="const { mount } = await import(`./mounts/${name}.js`)\n")["js/main.js"]
    assert 'await reach("js/main.js", `./mounts/${name}.js`)' in served


@pytest.mark.parametrize(
    "form",
    [
        "export let live = 1",
        "export default 1",
        "export { one }",
        'export * from "./dom.js"',
        'import * as dom from "./dom.js"',
        'import dom from "./dom.js"',
        'import { io } from "io"',
        "const here = import.meta.url",
    ],
)
def test_a_form_it_does_not_know_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r"js/main\.js"):
        joined(main=f"{form}\n", dom="")


def test_modules_that_need_each_other_are_refused() -> None:
    with pytest.raises(CycleError):
        joined(main='import "./one.js"\n', one='import "./main.js"\n')


def test_a_module_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError, match=r"js/gone\.js"):
        joined(main='import "./gone.js"\n')


def test_ours_are_joined() -> None:
    files = assets._files()
    sources = {path.stem: path.read_text() for path in (assets.FOLDER / "js").rglob("*.js")}
    main = files["js/main.js"].decode()
    for name in ("dom", "socket", "timeline", "composer"):
        assert sources[name].splitlines()[0] in main
