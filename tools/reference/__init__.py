"""The QEMU builds that the suites are judged by: Debian's source with a series of patches, built once and kept.

    prefix_of("v3")    the installation of v3, or None when it is not built; takes milliseconds
    build("v3")        the same, built first when missing
    build_tree("v3")   the tree it was built in, with QEMU's own iotests

`python -m tools.reference v3` does the second and prints the prefix.
"""

from pathlib import Path

from tools import cache
from tools.provision import packages
from tools.reference import compilation, installation, tree
from tools.reference.recipe import Recipe, names, recipe_of

__all__ = ["build", "build_tree", "names", "prefix_of"]


def prefix_of(name: str) -> Path | None:
    """Return the folder whose bin/ holds the programs of this QEMU, or None when it is not built yet."""
    recipe = recipe_of(name, fetch=False)
    return recipe.prefix if recipe and recipe.prefix.is_dir() else None


def build(name: str, *, quiet: bool = False, refresh: bool = False) -> Path:
    """Return the folder whose bin/ holds the programs of this QEMU, building what is missing."""
    prefix = None if refresh else prefix_of(name)
    return prefix or _make(name, quiet=quiet, refresh=refresh).prefix


def build_tree(name: str) -> Path:
    """Return the build tree of this QEMU, from which QEMU's own iotests run; built again if it was removed."""
    recipe = recipe_of(name, fetch=False)
    if not recipe or not recipe.prefix.is_dir() or not compilation.is_configured(recipe):
        recipe = _make(name)
    return recipe.work / "build"


def _make(name: str, *, quiet: bool = False, refresh: bool = False) -> Recipe:
    with cache.locked("build", "building a QEMU") as lock:
        recipe = recipe_of(name, fetch=True, refresh=refresh)
        assert recipe, "a fetched source has a recipe"
        if not recipe.prefix.is_dir() or not compilation.is_configured(recipe):
            packages.ensure("build")
            tree.prepare(recipe)
            compilation.run(recipe, lock=lock, quiet=quiet)
            installation.install(recipe)
        return recipe
