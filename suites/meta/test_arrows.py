"""Which room may import which: the contracts of pyproject.toml hold, and nothing gets around them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from fixtures.host.folders import ROOT

FIXTURES = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "fixtures").rglob("*.py"))}
SUITES = {path.parent.name for path in (ROOT / "suites").glob("*/test_*.py")} - {"meta"}


def test_arrows_go_one_way() -> None:
    """Each import goes down from room to room, and no module imports itself by way of others."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    options = ["--no-cache", "--no-logo"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"\n{done.stdout}{done.stderr}"


def test_the_picture_is_the_contract() -> None:
    """docs/design.md draws the layers of the first two contracts, of all and of fixtures, in their order."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    outer, rooms = (contract["layers"] for contract in project["tool"]["importlinter"]["contracts"][:2])
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    picture = [re.split(r"(?<=\S)  +", line)[0] for line in design.split("```")[1].strip().splitlines()]
    assert picture == [*outer, *(f"  {layer}" for layer in rooms)]


def test_no_import_is_hidden_from_the_interpreter() -> None:
    """What is imported for its types alone is imported: a guard would hide a circle."""
    assert [path for path, source in FIXTURES.items() if "TYPE_CHECKING" in source] == []


def test_fixtures_name_no_suite() -> None:
    """Neither an import nor a path nor a comment in fixtures names a suite, which may come, go and be renamed."""
    named = re.compile(rf"\bsuites[./]({'|'.join(sorted(SUITES))})\b")
    assert {path: found for path, source in FIXTURES.items() if (found := named.findall(source))} == {}
