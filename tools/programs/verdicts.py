"""Write docs/verdicts.md: a table of runs that were kept, here or elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from fixtures.runs.run import find, load
from tools import verdict_table
from tools.entry_point import Parser


def main(arguments: Sequence[str]) -> int:
    """Write the document and return 0; raises ``NoRun`` if a run is not there."""
    parser = Parser("verdicts", __doc__)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a label below out/, or the folder of a run")
    verdict_table.write([load(find(name)) for name in parser.parse_args(arguments).runs])
    return 0
