"""ES modules: many short files to read, one file to load.

`js/main.js` is served with all that a page needs joined to it. A module joined in is also found
at its own address, as a stand-in that gives what the joined one gives: whoever imports it, such
as a module that is fetched on first use, meets the same module and not a second one.

This is no compiler: it knows the forms in which we write imports and exports, and refuses others.
"""

import json
import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from posixpath import dirname, join, normpath, relpath

FOLDER = "js/"
MAIN = "js/main.js"
MOUNTS = "js/mounts/"

IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[^"]+)"$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
DYNAMIC = re.compile(r"\bimport\(")
UNKNOWN = re.compile(r"^(?:import|export)\b.*|\bimport\.meta\b", re.MULTILINE)

HEAD = """\
const written = {}

/** A module is made when it is first needed, as a browser would. */
export function need(name) {
  return (made[name] ??= written[name]())
}

async function reach(from, path) {
  const name = new URL(path, `file:///${from}`).pathname.slice(1)
  return name in written ? need(name) : import(new URL(`../${name}`, import.meta.url))
}
"""


def joined(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what is served in place of the modules that are joined, by name."""
    modules = {name: content.decode() for name, content in files.items() if _is_module(name)}
    needs = _needed([MAIN, *(name for name in modules if name.startswith(MOUNTS))], modules)
    order = [name for name in TopologicalSorter(needs).static_order() if name in modules]
    outside = sorted({path for paths in needs.values() for path in paths} - set(modules))
    stand_ins = {name: _stand_in(name, modules[name]) for name in order}
    parts = [*_imports(outside), HEAD, *(_written(name, modules[name]) for name in order)]
    main = "\n".join([*parts, f"need({json.dumps(MAIN)})\n"])
    return {**stand_ins, MAIN: main.encode()}


def _is_module(name: str) -> bool:
    return name.startswith(FOLDER) and name.endswith(".js")


def _needed(roots: list[str], modules: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what each module imports: of the roots, of what they import, and so on."""
    needs: dict[str, list[str]] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in needs or not _is_module(name):
            continue
        needs[name] = [_path(name, path) for _, path in IMPORT.findall(modules[name])]
        waiting += needs[name]
    return needs


def _path(importer: str, path: str) -> str:
    return normpath(join(dirname(importer), path))


def _imports(outside: list[str]) -> list[str]:
    """What is not ours comes by an import of the browser's, and is a module like the others."""
    lines = [
        f'import * as outside{number} from "{_address(name, MAIN)}"'
        for number, name in enumerate(outside)
    ]
    made = ", ".join(f"{json.dumps(name)}: outside{n}" for n, name in enumerate(outside))
    return [*lines, f"const made = {{ {made} }}"]


def _written(name: str, source: str) -> str:
    """Return a module as a function that runs it and gives its exports."""
    exports = EXPORT.findall(source)
    body = IMPORT.sub(lambda found: _need(_path(name, found[2]), found[1]), source)
    body = DYNAMIC.sub(f"reach({json.dumps(name)}, ", EXPORT.sub("", body))
    if unknown := UNKNOWN.search(body):
        raise ValueError(f"{name}: “{unknown[0]}” is a form that {__name__} does not know")
    return f"written[{json.dumps(name)}] = () => {{\n{body}return {{ {', '.join(exports)} }}\n}}\n"


def _need(name: str, names: str) -> str:
    taken = f"const {{{names.replace(' as ', ': ')}}} = " if names else ""
    return f"{taken}need({json.dumps(name)})"


def _stand_in(name: str, source: str) -> bytes:
    exports = ", ".join(EXPORT.findall(source))
    return (
        f'import {{ need }} from "{_address(MAIN, name)}"\n'
        f"export const {{ {exports} }} = need({json.dumps(name)})\n"
    ).encode()


def _address(name: str, importer: str) -> str:
    path = relpath(name, dirname(importer))
    return path if path.startswith(".") else f"./{path}"
