"""What makes a build: its source, its patches and its options, and the key that follows from them."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools import CannotRun, cache
from tools.reference import debian, options

SERIES = Path(__file__).parent.parent.parent / "series"


@dataclass(frozen=True)
class Recipe:
    """One QEMU to build; `source` is Debian's .dsc file or a source tree."""

    name: str
    source: Path
    fingerprint: str
    patches: tuple[Path, ...]

    @property
    def key(self) -> str:
        """Change whenever the source, a patch or an option does."""
        parts = [self.fingerprint.encode(), options.identity().encode(), *(path.read_bytes() for path in self.patches)]
        whole = b"".join(hashlib.sha256(part).digest() for part in parts)
        return f"{self.name}-{hashlib.sha256(whole).hexdigest()[:12]}"

    @property
    def prefix(self) -> Path:
        """The folder that holds the finished bin/."""
        return cache.root() / "builds" / self.key

    @property
    def work(self) -> Path:
        """The folder of source/ and build/; a source tree keeps the same one, so its edits build quickly."""
        if not self.source.is_dir():
            return cache.root() / "work" / self.key
        place = hashlib.sha256(str(self.source).encode()).hexdigest()[:12]
        return cache.root() / "work" / f"{self.name}-tree-{place}"


def names() -> list[str]:
    """Return the QEMUs that can be built: stock and every series."""
    return ["stock", *sorted(path.name for path in SERIES.glob("*") if path.is_dir())]


def recipe_of(name: str, *, fetch: bool, refresh: bool = False) -> Recipe | None:
    """Return the recipe of a named QEMU, or None when its source would have to be fetched first."""
    if name not in names():
        raise CannotRun(f"there is no QEMU named {name!r}; known are {', '.join(names())}")
    patches = () if name == "stock" else tuple(sorted((SERIES / name).glob("*.patch")))
    if own := os.environ.get("QEMU_SRC"):
        tree = Path(own).expanduser().resolve()
        return Recipe(name, tree, fingerprint(tree), patches)
    dsc = debian.fetch(refresh=refresh) if fetch else debian.fetched()
    return Recipe(name, dsc, dsc.read_text(), patches) if dsc else None


def fingerprint(tree: Path) -> str:
    """Return what changes when a file of a source tree does, from names, times and sizes alone."""
    if not (tree / "configure").is_file():
        raise CannotRun(f"QEMU_SRC={tree} is no source tree of QEMU: it has no configure")
    state = hashlib.sha256()
    for path in files(tree):
        about = path.lstat()
        state.update(f"{path.relative_to(tree)}\0{about.st_mtime_ns}\0{about.st_size}\0".encode())
    return state.hexdigest()


def files(tree: Path) -> Iterator[Path]:
    """Yield the files of a source tree in a fixed order, leaving out git's own and build folders."""
    for folder, below, found in os.walk(tree):
        below[:] = sorted(name for name in below if name != ".git" and not _is_build(Path(folder, name)))
        links = [name for name in below if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in sorted([*found, *links]) if name != ".git")


def _is_build(folder: Path) -> bool:
    return (folder / "build.ninja").exists()
