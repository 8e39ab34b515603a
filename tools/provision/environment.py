"""The Python interpreter that runs everything: the user's own, or a virtual environment in the cache folder."""

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tools import CannotRun, cache
from tools.provision import packages

PYPROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"
GROUPS = ("build", "dev")


def requirements(*, oldest: bool = False) -> list[str]:
    """Return the dependencies that pyproject.toml names; the oldest are those of the suites at their lower bounds."""
    table = tomllib.loads(PYPROJECT.read_text())
    groups = table.get("dependency-groups", {})
    found = list(table["project"].get("dependencies", []))
    found += [
        item for group in (GROUPS[:1] if oldest else GROUPS) for item in groups.get(group, []) if isinstance(item, str)
    ]
    return [re.sub(r">=\s*([^,;\s]+)[^;]*", r"==\1", item) for item in found] if oldest else found


def interpreter() -> str:
    """Return the interpreter to use: $PYTHON, else the active environment's, else our own, made when missing."""
    if os.environ.get("PYTHON"):
        return able(sys.executable)
    if active := os.environ.get("VIRTUAL_ENV"):
        return able(str(Path(active) / "bin" / "python"))
    wanted = requirements()
    home = cache.root() / f"venv-{digest(wanted)}"
    if not is_whole(home):
        create(home, wanted)
    return str(home / "bin" / "python")


def able(python: str) -> str:
    """Return the user's own interpreter if it has what the suites need, in any version; else say how it gets that."""
    names = [re.split(r"[^\w.-]", item)[0] for item in requirements(oldest=True)]
    script = "import importlib.metadata as known, sys; list(map(known.version, sys.argv[1:]))"
    if subprocess.run([python, "-c", script, *names], capture_output=True, check=False).returncode:
        remedy = f"{python} -m tools.provision --install"
        raise CannotRun(f"{python} lacks dependencies of this project; it gets them by: {remedy}")
    return python


def digest(wanted: list[str]) -> str:
    """Name a set of dependencies on this interpreter and architecture."""
    text = "\n".join([*sorted(wanted), platform.python_version(), platform.machine()])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def is_whole(home: Path) -> bool:
    """Tell whether an environment was created to the end and its interpreter still exists."""
    return (home / "complete").exists() and (home / "bin" / "python").exists()


def create(home: Path, wanted: list[str]) -> None:
    """Create a virtual environment; what an interrupted creation left is thrown away."""
    if importlib.util.find_spec("ensurepip") is None:
        packages.ensure("environment")
    with cache.locked("environment", "creating the virtual environment"):
        if is_whole(home):
            return
        cache.say("creating the virtual environment (once)")
        shutil.rmtree(home, ignore_errors=True)
        quietly([sys.executable, "-m", "venv", str(home)])
        install(str(home / "bin" / "python"), wanted)
        (home / "complete").touch()


def install(python: str, wanted: list[str]) -> None:
    """Install requirements into an interpreter's environment with its own pip."""
    quietly([python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *wanted])


def quietly(command: list[str]) -> None:
    """Run a command with its output on stderr; its failure ends the work with a sentence."""
    if subprocess.run(command, stdout=2, stdin=subprocess.DEVNULL, check=False).returncode:
        raise CannotRun(f"`{' '.join(command[1:3])}` failed: see its messages above (is the package index reachable?)")
