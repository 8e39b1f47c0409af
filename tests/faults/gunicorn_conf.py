"""gunicorn as it serves the chat, but that nothing is migrated: the world of a test is, already."""

from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from tests.server import ROOT

_spec = spec_from_file_location("gunicorn_conf", ROOT / "gunicorn.conf.py")
assert _spec is not None
assert _spec.loader is not None
_real = module_from_spec(_spec)
_spec.loader.exec_module(_real)
globals().update({name: value for name, value in vars(_real).items() if name[0] != "_"})


def on_starting(server: Any) -> None:
    pass
