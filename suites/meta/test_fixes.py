"""The fixes of QEMU's own faults stand apart from the feature, and fit what the recipes combine them with."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from fixtures.host.folders import ROOT
from fixtures.reference import debian, names, patches, recipe
from suites.meta.small_trees import SmallTree

FIXES = sorted((recipe.SERIES / recipe.FIXES).rglob("*.patch"))
SERIES = [name for name in names() if recipe.is_bare(name)]
FIXED = {debian.DEFAULT, *(recipe.base_of(name) for name in SERIES)}
"""The bases that fixes are for."""
BARE = [*(name for name in names() if recipe.series_of(name) == "stock" and recipe.base_of(name) in FIXED), *SERIES]
FINDINGS = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
HEADERS = re.compile(r"From [0-9a-f]{40} .*\nFrom: .+ <.+@.+>\nDate: .+\nSubject: \[PATCH\] (.+(?:\n .+)*)\n\n")


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the least of each base's source that all of our patches need."""
    return {base: written(base, tmp_path_factory.mktemp("base")) for base in FIXED}


def written(base: str, folder: Path) -> Path:
    """Write the least of a base's source into a folder."""
    tree = SmallTree()
    for name in BARE:
        if recipe.base_of(name) == base:
            tree.learn(recipe.fixes_of(name) if recipe.series_of(name) == "stock" else recipe.patches_of(name))
    tree.write(folder)
    return folder


def subject(fix: Path) -> str:
    """Return the subject of a patch as one line; asserts that it has the headers of a mail."""
    found = HEADERS.match(fix.read_text(encoding="utf-8"))
    assert found, "no headers of a mail"
    return found[1].replace("\n", "")


def fault(fix: Path) -> str:
    """Return how docs/findings.md refers to a fix."""
    return f"`series/fixes/{fix.name.partition('-')[0]}`"


@pytest.mark.parametrize("bare", BARE)
def test_fixes_fit_alone_and_together(bases: dict[str, Path], tmp_path: Path, bare: str) -> None:
    """Each fix applies to stock and to each series, alone and after the fixes before it."""
    shutil.copytree(bases[recipe.base_of(bare)], tmp_path / "together")
    for patch in recipe.patches_of(bare):
        patches.apply(patch, tmp_path / "together")
    shutil.copytree(tmp_path / "together", tmp_path / "bare")
    for fix in recipe.fixes_of(bare):
        shutil.copytree(tmp_path / "bare", tmp_path / fix.name)
        patches.apply(fix, tmp_path / fix.name)
        patches.apply(fix, tmp_path / "together")


def test_every_fix_is_for_something() -> None:
    """The ending of a name, if there is one, says stock, series or the name of one of them; its folder, a base."""
    assert set(FIXES) == {fix for name in BARE for fix in recipe.fixes_of(name)}


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: f"{fix.parent.name}+{fix.name}")
def test_a_fix_is_a_mail_about_a_fault(fix: Path) -> None:
    """It is signed, and it or a fix that its message cites is the mend of a fault in docs/findings.md."""
    message = " ".join(fix.read_text(encoding="utf-8").partition("\n---\n")[0].split())
    cited = {fault(other) for other in FIXES if f'"{subject(other)}"' in message}
    assert "Signed-off-by: " in message
    assert subject(fix)
    assert any(name in FINDINGS for name in {fault(fix), *cited})
