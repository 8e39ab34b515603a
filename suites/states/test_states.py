"""Every command at every place of a mirror's life: taken or refused, and what becomes of the job and its bitmap."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from suites.states.cells import Cell, all_cells, tell

feature = pytest.mark.dialects("v2", "v3")
any_qemu = pytest.mark.dialects("stock", "v2", "v3")
CELLS = [pytest.param(cell, id=cell.id, marks=feature if cell.options.bitmap else any_qemu) for cell in all_cells()]


@pytest.mark.parametrize("cell", CELLS)
def test_command(bench: Bench, behaviours: SnapshotAssertion, cell: Cell) -> None:
    """A job takes a command or refuses it, by its state, its pause and what it was told before; a refusal changes
    nothing (M-30, M-34 to M-46, R-M10 to R-M13, R-M15, X-08, X-10)."""
    outcomes = tell(bench, cell)
    bench.finish(cell.id)
    for outcome in outcomes:
        assert outcome.text == behaviours(name=outcome.name)
