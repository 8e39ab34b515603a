"""The table of states and commands, from the model alone: what docs/states.md shows."""

from __future__ import annotations

import functools

from fixtures.bench import Rehearsal
from fixtures.model.rules.verbs import PASSING, TAKES, Verb
from fixtures.vocabulary.enums import Dialect
from suites.states.cells import Cell, Effect, all_cells, run
from suites.states.places import PLACES

COLUMNS = {
    "complete": ("job-complete", Verb.COMPLETE),
    "graceful cancel": ("block-job-cancel", Verb.CANCEL),
    "forced cancel": ("job-cancel", Verb.CANCEL),
    "pause": ("job-pause", Verb.PAUSE),
    "resume": ("job-resume", Verb.RESUME),
    "finalize": ("job-finalize", Verb.FINALIZE),
    "dismiss": ("job-dismiss", Verb.DISMISS),
    "set-speed": ("set-speed-0", Verb.SET_SPEED),
    "speed -1": ("set-speed-negative", Verb.SET_SPEED),
    "write-blocking": ("change-write-blocking", Verb.CHANGE),
    "and back": ("change-and-back", Verb.CHANGE),
}
"""The table's columns: a command and its verb; each other command behaves like one of these."""

LETTERS = {
    "refused-state": "S",
    "refused-not-paused": "N",
    "refused-paused": "P",
    "refused-wake-first": "W",
    "refused-cancelled": "C",
    "refused-speed": "V",
    "refused-no-way-back": "B",
    "refused-no-job": "-",
    "refused-no-block-job": "-",
}


@functools.cache
def outcomes(cell: Cell, dialect: Dialect = Dialect.V3) -> tuple[Effect, ...]:
    """Return what the model predicts for a cell."""
    return tuple(run(Rehearsal(dialect), cell))


def table() -> str:
    """Return a row for each place, and one for each state that a job only passes."""
    rows = [["place", *COLUMNS], ["---"] * (len(COLUMNS) + 1)]
    rows += [[f"**{name}**", *(_shown(name, command) for command, _ in COLUMNS.values())] for name in PLACES]
    rows += [
        [f"({state})", *("taken" if state in TAKES[verb] else "S" for _, verb in COLUMNS.values())]
        for state in sorted(PASSING)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def meanings() -> str:
    """Return a line for each place: what it means."""
    return "".join(f"- **{name}**: {place.means}\n" for name, place in PLACES.items())


def default_cell(place: str, command: str) -> Cell:
    """Return the cell of a job that uses a bitmap and ends by itself as far as the place allows."""
    return next(cell for cell in _default_cells() if (cell.place, cell.command) == (place, command))


@functools.cache
def _default_cells() -> tuple[Cell, ...]:
    """Return the first cell of each place and command."""
    first: dict[tuple[str, str], Cell] = {}
    for cell in all_cells():
        first.setdefault((cell.place, cell.command), cell)
    return tuple(first.values())


def _shown(place: str, command: str) -> str:
    outcome, *let_go = outcomes(default_cell(place, command))
    if outcome.name in LETTERS:
        return LETTERS[outcome.name]
    return ", ".join(map(_where, (outcome, *let_go)))


def _where(outcome: Effect) -> str:
    """Return where a job is, and if it is over, how it ended."""
    ends = {"COMPLETED": "completed", "CANCELLED": "cancelled"}
    return next((word for event, word in ends.items() if event in outcome.text), outcome.state)
