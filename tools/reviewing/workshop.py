"""A private copy of a base's source and build folders, in which only what a series touches is built again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fixtures.host import cache
from fixtures.host.console import CannotRun
from fixtures.reference import compilation, options
from fixtures.reference.build_progress import shown
from fixtures.reference.recipe import Recipe
from tools.reviewing.sandbox import Sandbox

_CONFIGURING = ("configure", "pythondeps.toml", "python/")
"""Changes of these are not noticed by ninja."""
_SAME = ("CCACHE_BASEDIR", "CCACHE_NOHASHDIR", "LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES")
"""What ccache takes into account, and so must be as it was when a reference was built."""


@contextmanager
def private_folder() -> Iterator[tuple[Path, int]]:
    """Give an empty folder beside the builds, and the lock that its owner holds; it is removed whatever happens.

    One review at a time, so what a killed one left can be removed by the next.
    """
    place = cache.root() / "review"
    with cache.locked("review", "reviewing a series") as lock:
        _remove(place)
        place.mkdir(parents=True)
        try:
            yield place, lock
        finally:
            _remove(place)


def _remove(place: Path) -> None:
    if place.exists():
        subprocess.run(["chmod", "-R", "u+rwX", str(place)], check=False)  # a build may have taken rights away
        shutil.rmtree(place)


@dataclass(frozen=True)
class Workshop:
    """The copy in ``folder`` of the base; ``lock`` is inherited by compilers."""

    base: Recipe
    folder: Path
    sandbox: Sandbox
    lock: int

    @property
    def source(self) -> Path:
        """Return the source tree. What is built cannot write to it."""
        return self.folder / "source"

    @property
    def build(self) -> Path:
        """Return the build folder."""
        return self.folder / "build"

    def bring(self) -> None:
        """Copy the base with its times, which is what lets ninja see what is up to date; once."""
        if self.folder.exists():
            return
        self.folder.mkdir()
        with cache.locked("build", "building a QEMU"):
            for name in ("source", "build"):
                self._copy(self.base.work / name)
        if not self.sandbox.program:
            self._start_anew()

    def compile(self, changed: list[str], log: Path) -> None:
        """Build after ``changed`` files; raises ``CannotRun`` with what failed. All output is in ``log``."""
        if any(path.startswith(_CONFIGURING) for path in changed) and self.sandbox.program:
            self._run(["./config.status"], log)
        self._run(compilation.ninja(), log)

    def _copy(self, origin: Path) -> None:
        command = ["cp", "-a", "--reflink=auto", str(origin), str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotRun(f"the base cannot be copied: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")

    def _start_anew(self) -> None:
        """Forget the base's build: its files name their own paths, which only a sandbox can give to a copy."""
        shutil.rmtree(self.build)
        self.build.mkdir()

    def _run(self, command: list[str], log: Path) -> None:
        if not self.sandbox.program and not (self.build / "build.ninja").exists():
            self._lines(options.configure(self.source, download=self.base.source.is_dir()), log)
        self._lines(command, log)

    def _lines(self, command: list[str], log: Path) -> None:
        inside = self.base.work
        boxed = self.sandbox.command(
            command,
            folder=inside / "build",
            visible=[(self.source, inside / "source"), *_compiler_cache(), *_python_of(inside)],
            writable=[(self.build, inside / "build")],
            environment=_cache_settings(inside),
        )
        lines = compilation.output(
            boxed, self.build, log, options.environ(self.folder), None if self.sandbox.program else self.lock
        )
        for _ in shown(lines, "review", quiet=False):
            pass


def _python_of(work: Path) -> list[tuple[Path, Path]]:
    """Return the folders of the Python that a build was configured with, which today's need not be."""
    program = (work / "python").readlink()
    config = program.parent.parent / "pyvenv.cfg"
    lines = config.read_text().splitlines() if config.exists() else []
    homes = [Path(line.removeprefix("home = ")) for line in lines if line.startswith("home = ")]
    folders = [folder.parent for folder in (program.parent, *homes)]
    return [(folder, folder) for folder in folders if folder not in (Path("/usr"), Path("/"))]


def _compiler_cache() -> list[tuple[Path, Path]]:
    """Return ccache's folder: what was compiled before is taken from it, and nothing is put there."""
    if not shutil.which("ccache"):
        return []
    output = subprocess.run(["ccache", "--get-config", "cache_dir"], capture_output=True, text=True, check=False).stdout
    place = Path(output.strip() or "/nowhere")
    return [(place, place)] if place.is_dir() else []


def _cache_settings(inside: Path) -> dict[str, str]:
    known = _compiler_cache()
    if not known:
        return {"CCACHE_DISABLE": "1"}
    base = options.environ(inside)
    same = {name: base[name] for name in _SAME if name in base}
    return {"CCACHE_DIR": str(known[0][0]), "CCACHE_READONLY": "1", "CCACHE_TEMPDIR": "/tmp", **same}
