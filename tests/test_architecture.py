"""The shape of the source, as docs/architecture.md draws it: arrows, actor first, docs in step."""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from chatapp import SOCKET_HANDLERS
from chatapp.chat.service import MessageService
from chatapp.core.events import Event
from chatapp.people.service import PeopleService
from chatapp.pins.service import PinService
from chatapp.presence.service import PresenceService
from chatapp.reactions.service import ReactionService
from chatapp.rooms.service import RoomService
from chatapp.saves.service import SaveService
from chatapp.typing.service import TypingService
from config import config_for

ROOT = Path(__file__).parents[1]
ROOT_MODULE = "chatapp"

# Who may import whom, and what from outside, by file name. A feature uses only these names.
ROWS: tuple[tuple[str, str], ...] = (
    ("entities events errors clock text handlers devices", ""),
    (
        "background database embedded guard limits markdown repository memory passwords pictures "
        "schemas space",
        "pymongo bson mongomock argon2 limits pydantic linkify_it markdown_it nh3 pygments "
        "eventlet gevent",
    ),
    ("access", ""),
    ("service subscribers log quotes renewal", ""),
    ("services extensions", "flask werkzeug flask_compress flask_login flask_wtf"),
    (
        "login forms views sockets cli realtime web",
        "flask werkzeug itsdangerous markupsafe click flask_socketio socketio engineio redis "
        "simple_websocket wtforms jinja2 migrations_seed pythonjsonlogger brotli",
    ),
    (ROOT_MODULE, "config"),
)
TIERS = (
    ("core",),
    ("memory",),
    ("auth",),
    ("rooms",),
    ("chat",),
    ("audit", "people", "pins", "presence", "reactions", "saves", "typing"),
)
BESIDE = {"realtime", "web"}  # doors: they may use any feature
OUTSIDE = {"keeper", "decoder"}  # programs of their own
# Told by a process to its own sockets: no feature's event.
OF_PROCESSES = {
    "changes",
    "heads",
    "presence_changed",
    "restarting",
}
FOR_TYPES = {"_typeshed"}


def modules() -> list[Path]:
    return sorted((ROOT / ROOT_MODULE).rglob("*.py"))


def name_of(path: Path) -> str:
    """Return `chatapp.rooms.access` for chatapp/rooms/access.py, `chatapp` for the root."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    """Yield the modules that `path` imports: of `from a import b`, a.b where that is one."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                file = ROOT / inner.replace(".", "/")
                is_module = file.with_suffix(".py").exists()
                yield inner if is_module else str(node.module)


def row_of(module: str) -> int:
    folder, _, file = module.removeprefix(f"{ROOT_MODULE}.").partition(".")
    word = folder if folder in BESIDE and file != "handlers" else (file or folder)
    for number, (names, _) in enumerate(ROWS):
        if word in names.split():
            return number
    raise AssertionError(f"{module}: no such file name; give it a row in docs and here")


def tier_of(module: str) -> int | None:
    folder = module.split(".")[1] if module.count(".") > 1 else ""
    for number, folders in enumerate(TIERS):
        if folder in folders:
            return number
    return None


def is_code(path: Path) -> bool:
    is_package = path.name == "__init__.py" and path.parent.name != ROOT_MODULE
    return not is_package and path.stem not in OUTSIDE


CODE = [pytest.param(path, id=name_of(path)) for path in modules() if is_code(path)]


@pytest.mark.parametrize("path", CODE)
def test_imports_point_down(path: Path) -> None:
    module = name_of(path)
    row, tier = row_of(module), tier_of(module)
    for imported in set(imports_of(path)):
        arrow = f"{module} -> {imported}"
        if not imported.startswith(f"{ROOT_MODULE}."):
            assert imported != ROOT_MODULE, f"{arrow}: import from submodules"
            continue
        if imported.rpartition(".")[2] in OUTSIDE:
            continue
        folder = imported.split(".")[1]
        assert row_of(imported) <= row, f"{arrow}: up a row"
        imported_tier = tier_of(imported)
        if tier is not None and imported_tier is not None:
            assert imported_tier <= tier, f"{arrow}: up a tier"
            is_sister = imported_tier == tier and folder != module.split(".")[1]
            assert not is_sister, f"{arrow}: folders of one tier meet through events"
        if tier is not None and folder == "realtime":
            assert imported == "chatapp.realtime.handlers", f"{arrow}: not a feature's business"


@pytest.mark.parametrize("path", CODE)
def test_a_row_names_the_packages_it_may_use(path: Path) -> None:
    row = row_of(name_of(path))
    allowed = {package for _, packages in ROWS[: row + 1] for package in packages.split()}
    for imported in imports_of(path):
        package = imported.partition(".")[0]
        if package not in {ROOT_MODULE, *FOR_TYPES, *sys.stdlib_module_names}:
            assert package in allowed, f"{name_of(path)} -> {package}"


def test_packages_hold_a_docstring_and_nothing_else() -> None:
    for path in modules():
        if path.name == "__init__.py" and path.parent.name != ROOT_MODULE:
            tree = ast.parse(path.read_text())
            assert ast.get_docstring(tree), path
            assert len(tree.body) == 1, path


def test_migrations_import_nothing_of_the_application() -> None:
    for path in (ROOT / "migrations_seed" / "versions").glob("*.py"):
        assert not [name for name in imports_of(path) if name.startswith(ROOT_MODULE)], path


def test_collections_are_touched_by_repositories_alone() -> None:
    for path in modules():
        if path.name == "repository.py" or path.stem in ("database", "embedded", "keeper"):
            continue
        driver = {name.partition(".")[0] for name in imports_of(path)} & {"pymongo", "bson"}
        assert not driver, path
        assert not re.search(r"database\[", path.read_text()), path


ACTOR_FIRST = [
    pytest.param(method, id=f"{service.__name__}.{name}")
    for service in (
        RoomService,
        MessageService,
        ReactionService,
        TypingService,
        PresenceService,
        PeopleService,
        PinService,
        SaveService,
    )
    for name, method in inspect.getmembers(service, inspect.isfunction)
    if not name.startswith("_")
]


@pytest.mark.parametrize("method", ACTOR_FIRST)
def test_services_are_told_who_asks_first(method: Callable[..., object]) -> None:
    assert list(inspect.signature(method).parameters)[1] == "actor"


def test_routes_are_closed_unless_they_say_so(app: Flask) -> None:
    opened = {
        name for name, view in app.view_functions.items() if getattr(view, "is_public", False)
    }
    assert opened == {
        "assets.static",
        "auth.login",
        "auth.logout",  # signing out twice is no mistake
        "auth.setup",
        "auth.signup",
        "health.health",
        "health.ready",
    }


def kinds_of_event(kind: type[Event] = Event) -> Iterator[type[Event]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith(ROOT_MODULE):
            yield from [below] if "name" in vars(below) else []
            yield from kinds_of_event(below)


def test_every_request_and_event_is_documented_and_no_other() -> None:
    lines = re.findall(r"^### (`.*)", (ROOT / "docs/events.md").read_text(), re.MULTILINE)
    headings = {name for line in lines for name in re.findall(r"`(\w+)`", line)}
    asked = {name for feature in SOCKET_HANDLERS for name in feature.requests}
    assert headings == asked | OF_PROCESSES | {kind.name for kind in kinds_of_event()}


def test_every_setting_is_in_the_example_and_no_other(tmp_path: Path) -> None:
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    read: set[str] = set()

    class Recording(dict[str, str]):
        def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
            read.add(name)
            return {"CHATAPP_ENV": "testing", "CHATAPP_DATA_DIR": str(tmp_path)}.get(name, default)

    config_for(Recording())
    assert listed == read
