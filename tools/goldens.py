"""Write the golden files that a QEMU gives, or remove those that no case has any more."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fixtures import reference
from fixtures.golden import audit
from fixtures.host.console import CannotRun, say
from fixtures.host.tree import GOLDEN, ROOT

Contents = dict[Path, bytes]


def main(arguments: Sequence[str]) -> int:
    """Do as the arguments say and return the exit status: 0; 1 when a case failed; 2 when it could not run."""
    parser = argparse.ArgumentParser(prog="tools/golden", description=__doc__)
    parser.add_argument("action", choices=["update", "prune"])
    parser.add_argument("--qemu", default="v3", help="v3, v2, stock, system, or a build tree or prefix (default: v3)")
    options, rest = parser.parse_known_args(arguments)
    try:
        if os.environ.get("CI"):
            raise CannotRun("goldens are not written under CI: run this where you can review and commit the change")
        return update(options.qemu, rest) if options.action == "update" else prune(rest)
    except CannotRun as problem:
        say(str(problem))
        return 2


def update(qemu: str, rest: Sequence[str]) -> int:
    """Run the suites, writing what they tell; print which files that added or changed."""
    if qemu in reference.names():
        reference.build(qemu)
    before = contents(GOLDEN)
    writing = ["--snapshot-update", "--snapshot-no-cleanup", f"--qemu={qemu}", "-n", "auto"]
    command = [sys.executable, "-m", "pytest", "suites", "--ignore=suites/meta", *writing, *rest]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    for line in changes(before, contents(GOLDEN)):
        print(line)
    if status not in (0, 1):
        raise CannotRun(f"the suites could not run (pytest ended with status {status})")
    return status


def prune(rest: Sequence[str], root: Path = ROOT) -> int:
    """Delete the goldens that no case of any suite and dialect has, and print each."""
    if rest:
        raise CannotRun(f"pruning looks at all cases, there is nothing to select with {' '.join(rest)}")
    golden = root / GOLDEN.name
    for path in audit.audit(audit.claims(root), audit.present(golden)).orphaned:
        path.unlink()
        print(f"removed {path.relative_to(root)}")
        _remove_empty(path.parent, golden)
    return 0


def contents(folder: Path) -> Contents:
    """Return what the files below a folder hold."""
    return {path: path.read_bytes() for path in audit.present(folder)}


def changes(before: Contents, after: Contents) -> list[str]:
    """Return a line for each file that was added or changed."""
    return [
        f"{'changed' if path in before else 'added'} {path.relative_to(ROOT)}"
        for path in sorted(after)
        if before.get(path) != after[path]
    ]


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
