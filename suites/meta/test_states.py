"""The state machine of jobs: its tables, what the model makes of them, the goldens and the document."""

from __future__ import annotations

from itertools import pairwise

import pytest

from fixtures.bench import Rehearsal
from fixtures.host.folders import GOLDEN
from fixtures.model.refusal import Refusal
from fixtures.model.rules.verbs import NEXT, PASSING, TAKES, Verb, check_state
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.job import Job, JobState
from fixtures.transcript.lines import Events
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.steps import StartMirror
from suites.states.cells import Cell, all_cells, run
from suites.states.places import PLACES
from suites.states.table import COLUMNS, LETTERS, outcomes
from tools import state_table

FAMILIES = ("complete", "pause", "resume", "finalize", "dismiss")


def test_every_place_meets_every_command_with_all_options() -> None:
    """No cell is left out but options that lead elsewhere, or of a command said otherwise; each has its own id."""
    assert len({cell.id for cell in all_cells()}) == len(all_cells()) == 1572
    assert {(cell.place, cell.command) for cell in all_cells()} >= {
        (place, command) for place in PLACES for command, _ in COLUMNS.values()
    }


@pytest.mark.parametrize("verb", Verb, ids=str)
@pytest.mark.parametrize("state", JobState, ids=str)
def test_a_state_takes_a_verb_or_says_that_it_does_not(state: JobState, verb: Verb) -> None:
    """In each state, passing ones too, the model refuses exactly the verbs that the table does not have there."""
    job = Job(StartMirror("job", "target"), Bitmap("", 64, 8), state=state)
    refused = None
    try:
        check_state(job, verb)
    except Refusal as refusal:
        refused = refusal.text
    text = f"Job 'job' in state '{state}' cannot accept command verb '{verb}'"
    assert refused == (None if state in TAKES[verb] else text)


def test_every_state_can_be_left_but_the_last() -> None:
    """From each state there is a way to the end, and none leads back to the beginning."""
    assert [state for state in JobState if not NEXT[state]] == [JobState.GONE]
    assert all(JobState.CREATED not in following for following in NEXT.values())


def _statuses(cell: Cell) -> list[str]:
    bench = Rehearsal(Dialect.V3)
    run(bench, cell)
    words = [word for line in bench.transcript.lines if isinstance(line, Events) for word in line.facts]
    return [word for word in words if word in list(JobState)]


@pytest.mark.parametrize("place", PLACES)
def test_jobs_move_as_the_table_of_transitions_allows(place: str) -> None:
    """After any command, each state that it enters may follow the one before, and none is passed in silence."""
    for cell in all_cells():
        states = _statuses(cell) if cell.place == place else []
        strange = [(one, next_) for one, next_ in pairwise(states) if next_ not in NEXT[JobState(one)]]
        assert not strange, cell.id


def test_no_command_finds_a_passing_state() -> None:
    """Between two steps the model has no job in a state that QEMU leaves within one command."""
    assert not {outcome.state for cell in all_cells() for outcome in outcomes(cell)} & PASSING


def test_both_families_do_the_same() -> None:
    """A verb said in either family has the same outcome, except for the text of the error that there is no job."""
    for cell in all_cells():
        if cell.place != "gone" and cell.command in {f"job-{verb}" for verb in FAMILIES}:
            assert outcomes(cell) == outcomes(Cell(cell.place, f"block-{cell.command}", cell.options))
        if cell.command == "block-job-cancel-force" and cell.place != "gone":
            assert outcomes(cell) == outcomes(Cell(cell.place, "job-cancel", cell.options))


def test_goldens_are_what_the_model_says() -> None:
    """Each outcome has one text in all cells and dialects, its golden has that text, and no golden is an orphan."""
    predicted: dict[str, set[str]] = {}
    for cell in all_cells():
        for dialect in Dialect:
            if dialect is not Dialect.STOCK or not cell.options.bitmap:
                for outcome in outcomes(cell, dialect):
                    predicted.setdefault(outcome.name, set()).add(outcome.text)
    written = {path.stem: {path.read_text(encoding="utf-8")} for path in (GOLDEN / "states").iterdir()}
    assert written == predicted


def test_every_refusal_has_a_letter() -> None:
    """The document can show each refusal that occurs."""
    names = {outcomes(cell)[0].name for cell in all_cells()}
    assert {name for name in names if "refused" in name} == set(LETTERS)


def test_the_document_is_up_to_date() -> None:
    """docs/states.md is what `make behaviours` writes."""
    assert state_table.DOCUMENT.read_text(encoding="utf-8") == state_table.text()
