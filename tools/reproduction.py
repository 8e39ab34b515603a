"""Write a case as one shell script that needs QEMU alone and shows what the case saw."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from fixtures import reference
from fixtures.host.console import CannotRun, say
from fixtures.repro import recording


def main(arguments: Sequence[str]) -> int:
    """Do as the arguments say and return the exit status: 0, or 2 with one sentence when there is no script."""
    parser = argparse.ArgumentParser(prog="tools/repro", description=__doc__)
    parser.add_argument("case", help="its name, such as 'test_state[disabled]', or its whole id with the file's name")
    parser.add_argument("--qemu", default="v3", help="v3, v2, stock, system, or a build tree or prefix (default: v3)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the file to write (default: stdout)")
    options = parser.parse_args(arguments)
    try:
        if not options.case:
            raise CannotRun("which case? CASE='test_state[disabled]', for instance")
        answer = recording.script_of(options.case, named(options.qemu))
        write(answer.script, options.output)
    except CannotRun as problem:
        say(str(problem))
        return 2
    say(f"{answer.case} {'failed: see the end of the script' if answer.failure else 'passed'}")
    return 0


def named(qemu: str) -> str:
    """Return what the suites call a QEMU, and build it if it is one of ours; raises ``CannotRun``."""
    if qemu in reference.names():
        reference.build(qemu)
        return qemu
    return qemu if qemu == "system" else str(Path(qemu).expanduser().absolute())


def write(text: str, output: Path | None) -> None:
    """Write the script where it was asked for, as a program; raises ``CannotRun`` if that cannot be done."""
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, encoding="utf-8")
        output.chmod(0o755)
    except OSError as error:
        raise CannotRun(f"{output} cannot be written: {error.strerror}") from error
