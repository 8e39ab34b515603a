"""Write suites/product/design.txt: the cases of the product, chosen anew. Takes minutes."""

from __future__ import annotations

from collections.abc import Sequence

from suites.product import design
from tools.entry_point import Parser


def main(arguments: Sequence[str]) -> int:
    """Write the cases and return 0."""
    Parser("design", __doc__).parse_args(arguments)
    design.write()
    return 0
