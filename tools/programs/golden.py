"""Write the golden files that a QEMU gives, or remove those that no case has any more."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from fixtures.golden import audit
from fixtures.host.console import CannotRun
from fixtures.host.folders import GOLDEN, ROOT
from tools.entry_point import Parser

_CHECK = str(ROOT / "tools" / "check")
Contents = dict[Path, bytes]


def main(arguments: Sequence[str]) -> int:
    """Do as the arguments say and return the exit status of the suites; raises ``CannotRun``."""
    parser = Parser("golden", __doc__, "All other arguments are pytest's: see tools/check --help.")
    parser.add_argument("action", choices=["update", "prune"])
    parser.add_qemu()
    options, rest = parser.parse_known_args(arguments)
    if os.environ.get("CI"):
        raise CannotRun("goldens are not written under CI: run this where you can review and commit the change")
    return update(options.qemu, rest) if options.action == "update" else prune(rest)


def update(qemu: str, rest: Sequence[str]) -> int:
    """Run the suites, writing goldens; print which files that added or changed."""
    before = contents(GOLDEN)
    command = [_CHECK, "--qemu", qemu, "--snapshot-update", "--snapshot-no-cleanup", *rest]
    status = subprocess.run(command, check=False).returncode
    for line in changes(before, contents(GOLDEN)):
        print(line)
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
