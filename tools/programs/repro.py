"""Write a case as one shell script that needs QEMU alone and shows what the case saw."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixtures.host.console import CannotRun, say
from fixtures.repro import recording
from tools.entry_point import Parser, built


def main(arguments: Sequence[str]) -> int:
    """Write the script and return 0; raises ``CannotRun`` if there is none."""
    parser = Parser("repro", __doc__)
    parser.add_argument("case", help="its name, such as 'test_state[disabled]', or its whole id with the file's name")
    parser.add_qemu()
    parser.add_dialect()
    parser.add_argument("--output", type=Path, metavar="FILE", help="the file to write (default: stdout)")
    options = parser.parse_args(arguments)
    if not options.case:
        raise CannotRun("which case? CASE='test_state[disabled]', for instance")
    answer = recording.script_of(options.case, built(options.qemu), dialect=options.dialect)
    write(answer.script, options.output)
    say(f"{answer.case} {'failed: see the end of the script' if answer.failure else 'passed'}")
    return 0


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
