"""Write docs/moving-to-v3.md: which call of v1 becomes which calls of v3, and what each leaves in the bitmap."""

from __future__ import annotations

from collections.abc import Sequence

from tools import moving_page
from tools.entry_point import Parser


def main(arguments: Sequence[str]) -> int:
    """Write the document and return 0."""
    Parser("moving", __doc__).parse_args(arguments)
    moving_page.write()
    return 0
