"""Write docs/steps.md: what each step does, and which part of the bench and which rules of the model handle it."""

from __future__ import annotations

from collections.abc import Sequence

from tools import step_table
from tools.entry_point import Parser


def main(arguments: Sequence[str]) -> int:
    """Write the document and return 0."""
    Parser("steps", __doc__).parse_args(arguments)
    step_table.write()
    return 0
