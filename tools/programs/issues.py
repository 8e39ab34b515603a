"""Write docs/known-issues.md: the table of known issues of QEMU."""

from __future__ import annotations

from collections.abc import Sequence

from tools import issue_table
from tools.entry_point import Parser


def main(arguments: Sequence[str]) -> int:
    """Write the document and return 0."""
    Parser("issues", __doc__).parse_args(arguments)
    issue_table.write()
    return 0
