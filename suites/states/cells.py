"""A cell of the table of states: a place, a command, the job's options; how it is run, and what is seen then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from fixtures.transcript.chapters import slug
from fixtures.transcript.lines import BitmapAtRest, Events, Line, Refused
from fixtures.transcript.normalisers import DIRTY, FIGURES, canonical
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.steps import (
    CancelJob,
    ChangeCopyMode,
    CompleteJob,
    DismissJob,
    Family,
    FinalizeJob,
    JobVerb,
    LetGo,
    PauseJob,
    ResumeJob,
    SetSpeed,
)
from suites.states.places import PLACES, JobPlace, Options, Teller, build

COMMANDS: dict[str, tuple[JobVerb, ...]] = {
    "job-complete": (CompleteJob("job"),),
    "block-job-complete": (CompleteJob("job", Family.BLOCK_JOB),),
    "block-job-cancel": (CancelJob("job"),),
    "block-job-cancel-force": (CancelJob("job", force=True),),
    "job-cancel": (CancelJob("job", family=Family.JOB),),
    "job-pause": (PauseJob("job"),),
    "block-job-pause": (PauseJob("job", Family.BLOCK_JOB),),
    "job-resume": (ResumeJob("job"),),
    "block-job-resume": (ResumeJob("job", Family.BLOCK_JOB),),
    "job-finalize": (FinalizeJob("job"),),
    "block-job-finalize": (FinalizeJob("job", Family.BLOCK_JOB),),
    "job-dismiss": (DismissJob("job"),),
    "block-job-dismiss": (DismissJob("job", Family.BLOCK_JOB),),
    "set-speed-0": (SetSpeed("job", 0),),
    "set-speed-negative": (SetSpeed("job", -1),),
    "change-write-blocking": (ChangeCopyMode("job", CopyMode.WRITE_BLOCKING),),
    "change-background": (ChangeCopyMode("job", CopyMode.BACKGROUND),),
    "change-and-back": (ChangeCopyMode("job", CopyMode.WRITE_BLOCKING), ChangeCopyMode("job", CopyMode.BACKGROUND)),
}


@dataclass(frozen=True)
class Cell:
    """One command at one place."""

    place: str
    command: str
    options: Options

    @property
    def id(self) -> str:
        """Return the cell's name."""
        return f"{self.place}-{self.command}-{self.options}"

    @property
    def row(self) -> dict[str, str]:
        """Return the value of each axis by its name."""
        return {"place": self.place, "command": self.command, "options": str(self.options)}


@dataclass(frozen=True)
class Effect:
    """What a command led to, with a name; ``state``: where the job then is."""

    name: str
    text: str
    state: str


SAID_OTHERWISE = frozenset({f"block-{name}" for name in COMMANDS} & COMMANDS.keys() - {"block-job-cancel"}) | {
    "block-job-cancel-force"
}
"""Commands that are the same as another one, in the other family or in words of their own."""


def all_cells() -> list[Cell]:
    """Return every command at every place with all options that get there.

    A synonym of a command is run with the default options only.
    """
    return [
        Cell(name, command, given)
        for name, place in PLACES.items()
        for command in COMMANDS
        for given in (default_options(place) if command in SAID_OTHERWISE else _options(place))
    ]


def default_options(place: JobPlace) -> list[Options]:
    """Return the options of a job that ends by itself if it can at a place, with and without a bitmap."""
    return [next(given for given in _options(place) if given.bitmap is bitmap) for bitmap in (True, False)]


def _options(place: JobPlace) -> list[Options]:
    every = [Options(*given) for given in product((True, False), repeat=3)]
    return [given for given in every if place.allows(given)]


def run(bench: Teller, cell: Cell) -> list[Effect]:
    """Bring a job to its place and send it the command; then resume a halted request."""
    place: JobPlace = PLACES[cell.place]
    build(bench, cell.options, place.halted or place.needs_halt)
    place.reach(bench, cell.options)
    outcomes = [_outcome(bench, lambda: bench.do(*COMMANDS[cell.command]))]
    if place.halted:
        outcomes.append(_outcome(bench, lambda: bench.do(LetGo("job"))))
    return outcomes


def _outcome(bench: Teller, do: Callable[[], None]) -> Effect:
    """Do something and return what was observed; where the job moved, also how its bitmap is then."""
    shown = len(bench.transcript.lines)
    do()
    said = {str(line): line for line in bench.transcript.lines[shown:] if isinstance(line, Refused | Events)}
    lines: list[Line] = [*said.values()]
    facts = [fact for line in lines for fact in line.facts]
    shown = len(bench.transcript.lines)
    bench.observe("b0")
    if any(isinstance(line, Events) for line in lines):
        lines += bench.transcript.lines[shown:]
        facts += [flag for line in lines if isinstance(line, BitmapAtRest) for flag in line.flags]
    name = slug(facts) or "taken"
    text = "\n".join(str(canonical(line, (FIGURES, DIRTY))) for line in lines) or "taken, and nothing told"
    bench.behaviours.append(name)
    return Effect(name, f"{text}\n", str(bench.state.jobs["job"].state))
