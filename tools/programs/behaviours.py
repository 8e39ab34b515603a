"""Write docs/behaviours.md and docs/states.md: what suites/product and suites/states run."""

from __future__ import annotations

from collections.abc import Sequence

from tools import behaviour_table, state_table
from tools.entry_point import Parser


def main(arguments: Sequence[str]) -> int:
    """Write both documents and return 0."""
    Parser("behaviours", __doc__).parse_args(arguments)
    behaviour_table.write()
    state_table.write()
    return 0
