"""The private source tree of a build: unpacked or copied, patched, with our list of devices."""

import filecmp
import shutil
from pathlib import Path

from tools import CannotRun, cache
from tools.reference import debian, options, patches
from tools.reference.recipe import Recipe, files

NEEDED = 2 * 1024**3


def prepare(recipe: Recipe) -> None:
    """Make work/source what the recipe says; an interrupted preparation is done again."""
    recipe.work.mkdir(parents=True, exist_ok=True)
    marker = recipe.work / "prepared"
    if marker.exists() and marker.read_text() == recipe.key:
        return
    marker.unlink(missing_ok=True)
    _check_space(recipe.work)
    cache.say(f"preparing the source of {recipe.name}")
    _bring(recipe, recipe.work / "source")
    _patch(recipe, recipe.work / "source")
    options.write_devices(recipe.work / "source")
    marker.write_text(recipe.key)


def _check_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < NEEDED:
        raise CannotRun(f"a build needs {NEEDED >> 20} MiB and {folder} has {free >> 20} MiB left")


def _bring(recipe: Recipe, source: Path) -> None:
    if recipe.source.is_dir():
        mirror(recipe.source, source)
    else:
        shutil.rmtree(source, ignore_errors=True)
        debian.unpack(recipe.source, source)


def _patch(recipe: Recipe, source: Path) -> None:
    for patch in recipe.patches:
        try:
            patches.apply(patch, source)
        except CannotRun as problem:
            hint = "; if the tree has the series already, QEMU=stock builds it as it is"
            raise CannotRun(f"{problem}{hint if recipe.source.is_dir() else ''}") from None


def mirror(origin: Path, copy: Path) -> None:
    """Make a tree equal to another, touching only what differs, so that ninja rebuilds only that."""
    wanted = {path.relative_to(origin) for path in files(origin)}
    for path in list(files(copy)):
        if path.relative_to(copy) not in wanted:
            path.unlink()
    for name in wanted:
        if not _same(origin / name, copy / name):
            _replace(origin / name, copy / name)


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def _replace(origin: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    if copy.is_dir() and not copy.is_symlink():
        shutil.rmtree(copy)
    copy.unlink(missing_ok=True)
    if origin.is_symlink():
        copy.symlink_to(origin.readlink())
    else:
        shutil.copy(origin, copy)
