"""Build hook: a wheel, and `pip install -e .`, bring the browser libraries along."""

import runpy
import shutil
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class VendorHook(BuildHookInterface):  # type: ignore[type-arg]
    def dependencies(self) -> list[str]:
        """Ask for Node where there is no npm; only for as long as the build takes."""
        if shutil.which("npm"):
            return []
        project = tomllib.loads(Path(self.root, "pyproject.toml").read_text())
        wanted: list[str] = project["dependency-groups"]["node"]
        return wanted

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        runpy.run_path(str(Path(self.root, "bin", "vendor")), run_name="__main__")
        build_data["artifacts"] += ["chatapp/static/vendor/*.js", "chatapp/static/vendor/*.json"]
