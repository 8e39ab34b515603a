"""Every command at every place of a mirror's life: taken or refused, and what becomes of the job and its bitmap."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from suites.states.cells import SAID_OTHERWISE, Cell, all_cells, default_options, run
from suites.states.places import PLACES


def _marks(cell: Cell) -> list[pytest.MarkDecorator]:
    """Return where a cell is run; the quick check takes only jobs with a bitmap that end as they usually do and are not
    in the middle of a request, and no synonyms of commands."""
    place = PLACES[cell.place]
    is_usual = cell.options == default_options(place)[0] and cell.command not in SAID_OTHERWISE
    is_quick = is_usual and not (place.halted or place.needs_halt)
    changes = cell.command.startswith("change")
    return [
        *([pytest.mark.feature] if cell.options.bitmap else []),
        *([] if is_quick else [pytest.mark.thorough]),
        *([pytest.mark.needs("block-job-change")] if changes else []),
    ]


CELLS = [pytest.param(cell, id=cell.id, marks=_marks(cell)) for cell in all_cells()]


@pytest.mark.parametrize("cell", CELLS)
def test_command(bench: Bench, behaviours: SnapshotAssertion, cell: Cell) -> None:
    """A job takes a command or refuses it, by its state, its pause and the commands before; a refusal changes
    nothing (M-30, M-34 to M-46, R-M10 to R-M13, R-M15, X-08, X-10). Documents and code disagree in rows 10 to 12 of
    docs/coverage.md: a job in STANDBY may be completed, a pause emits events, job-cancel forces."""
    outcomes = run(bench, cell)
    bench.finish(cell.id)
    for outcome in outcomes:
        assert outcome.text == behaviours(name=outcome.name)
