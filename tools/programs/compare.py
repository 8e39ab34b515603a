"""Compare two runs that were kept.

A, B and C are labels below out/ or folders of runs. Exit status: 0 if nothing differs but what the base fails in alike,
1 if something does, 2 if they cannot be compared.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fixtures.runs import comparison
from fixtures.runs.run import OUT, find, load
from tools.entry_point import Parser


def main(arguments: Sequence[str]) -> int:
    """Print the comparison and return 0 if nothing differs, else 1; raises ``NoRun`` if there is none."""
    parser = Parser("compare", __doc__)
    parser.add_argument("a", metavar="A", help="the earlier run: a label or a folder")
    parser.add_argument("b", metavar="B", help="the later one")
    parser.add_argument("--base", metavar="C", help="a third run: what B fails in is set aside if it fails there alike")
    parser.add_argument("--json", action="store_true", help="the same for programs, with every case")
    parser.add_argument("--out", type=Path, default=OUT, help="where labels are looked for (default: out)")
    options = parser.parse_args(arguments)
    a, b = (load(find(name, options.out)) for name in (options.a, options.b))
    base = load(find(options.base, options.out)) if options.base else None
    compared = comparison.compare(a, b, base)
    report = json.dumps(comparison.document(compared), indent=1) + "\n" if options.json else comparison.text(compared)
    try:
        sys.stdout.write(report)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(compared.differs)
