"""Say what a QEMU was found to be by probing: version, dialect, capabilities and what follows from them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from fixtures.host.console import CannotRun
from fixtures.subject.binaries import NoQemu
from fixtures.subject.subject import resolve
from fixtures.vocabulary.capabilities import Row, table
from fixtures.vocabulary.enums import Dialect
from tools.entry_point import Parser, built


def main(arguments: Sequence[str]) -> int:
    """Print what was found and return 0; raises ``CannotRun`` if there is no such QEMU."""
    parser = Parser("about", __doc__)
    parser.add_argument("word", nargs="?", help="list the names of its QMP schema with this in it")
    parser.add_qemu()
    parser.add_dialect()
    options = parser.parse_args(arguments)
    demanded = Dialect(options.dialect) if options.dialect else None
    try:
        subject = resolve(built(options.qemu), demanded)
    except NoQemu as problem:
        raise CannotRun(str(problem)) from problem
    if options.word:
        print(*sorted(name for name in subject.capabilities.schema if options.word in name), sep="\n")
        return 0
    print(*subject.about(), sep="\n")
    for row in table(subject.capabilities):
        print(*_described(row), sep="\n")
    return 0


def _described(row: Row) -> list[str]:
    lines = [f"probe: {row.probe}", f"effect: {row.effect}"]
    wrapped = (textwrap.wrap(line, 116, initial_indent="    ", subsequent_indent="      ") for line in lines)
    return ["", f"{row.name}: {'yes' if row.value else 'no'}", *(line for some in wrapped for line in some)]
