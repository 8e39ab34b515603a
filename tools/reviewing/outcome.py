"""What a review came to: the runs' results beside those of the base, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from fixtures.runs.causes import Cause, by_cause
from fixtures.runs.comparison.differences import Category, categorise
from fixtures.runs.result import Result
from fixtures.runs.run import Run
from tools.reviewing.base_faults import BaseFaults
from tools.reviewing.series import Series

Results = Mapping[str, Result]


@dataclass(frozen=True)
class ReviewStage:
    """The series up to a patch, built in ``prefix`` and run; ``seconds`` of building and of running."""

    name: str
    run: Run
    prefix: Path
    building: float = 0
    running: float = 0


@dataclass(frozen=True)
class Review:
    """A reviewed series: ``stages`` after each patch or only after the last, and its ``base``."""

    label: str
    series: Series
    base: ReviewStage
    stages: tuple[ReviewStage, ...]
    own_tests: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sandboxed: bool = True

    @property
    def final(self) -> ReviewStage:
        """Return the whole series."""
        return self.stages[-1]

    @cached_property
    def faults(self) -> Faults:
        """Return the failures of the whole series."""
        return faults(self.base.run.results, self.final.run.results)

    @property
    def status(self) -> int:
        """Return the exit status: 1 if cases failed as the base does not, 2 if the series could not be judged."""
        if self.faults.series:
            return 1
        return 2 if self.series.missing or not self.final.run.is_complete else 0

    @property
    def is_clean(self) -> bool:
        """Return whether the series is clean: all as promised, none left out or set aside, none regressed."""
        regressed = first_to_break(self.base, [self.final])
        is_whole = "-k" not in self.final.run.about.options and not self.faults.aside
        return self.status == 0 and is_whole and regressed is None


@dataclass(frozen=True)
class Faults:
    """The failures of a run: those of the ``series`` by cause, and those that the ``base`` shows, too."""

    series: Mapping[Cause, list[Result]]
    base: Mapping[Cause, list[tuple[Result, Result]]]
    hints: Mapping[Cause, Result]

    @property
    def own(self) -> int:
        """Return in how many cases the series failed."""
        return sum(map(len, self.series.values()))

    @property
    def aside(self) -> int:
        """Return how many failures are set aside."""
        return sum(map(len, self.base.values()))


def broken(results: Results) -> list[Result]:
    """Return the cases in which QEMU did not do as promised, but for known issues."""
    return [result for result in results.values() if result.outcome.is_failure]


def faults(base: Results, results: Results) -> Faults:
    """Return the failures of a run by cause, those that the base shows with the same sign set aside."""
    known = BaseFaults(base.values())
    shown = {result.id: known.shown_by(result) for result in broken(results)}
    own = by_cause(result for result in broken(results) if shown[result.id] is None)
    aside = by_cause(result for result in broken(results) if shown[result.id] is not None)
    pairs = {cause: [(one, there) for one in some if (there := shown[one.id])] for cause, some in aside.items()}
    return Faults(own, pairs, {cause: hint for cause, some in own.items() if (hint := known.hint(some[0]))})


def first_to_break(base: ReviewStage, stages: Iterable[ReviewStage]) -> tuple[ReviewStage, list[str]] | None:
    """Return the first stage that breaks what worked before it, and which cases."""
    for before, stage in pairwise([base, *stages]):
        known = before.run.results
        pairs = [(known.get(case), result) for case, result in stage.run.results.items()]
        lost = [after.id for earlier, after in pairs if categorise(earlier, after) is Category.REGRESSED]
        if lost:
            return stage, lost
    return None
