"""What a review came to: the runs' results beside those of the base, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from fixtures.runs.comparison.differences import Category, categorise, failure
from fixtures.runs.result import Result
from fixtures.runs.run import Run
from tools.reviewing.series import Series

Results = Mapping[str, Result]
_REASON_LINES = 3


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

    @property
    def status(self) -> int:
        """Return the exit status: 1 if cases failed, 2 if the whole series could not be judged."""
        if broken(self.final.run.results):
            return 1
        return 2 if self.series.missing or not self.final.run.is_complete else 0

    @property
    def is_clean(self) -> bool:
        """Return whether the series is clean: all is as promised, none left out by name, none regressed."""
        regressed = first_to_break(self.base, [self.final])
        return self.status == 0 and "-k" not in self.final.run.about.options and regressed is None


@dataclass(frozen=True)
class FailureGroup:
    """Cases that fail alike: how they ended, the first lines of the reason, their ids."""

    outcome: str
    reason: str
    ids: list[str] = field(default_factory=list)


def broken(results: Results) -> list[Result]:
    """Return the cases in which QEMU did not do as promised, but for bugs that are pinned."""
    return [result for result in results.values() if result.outcome.is_failure]


def groups(failures: Iterable[Result]) -> list[FailureGroup]:
    """Return failures that ended alike for the same reason together, the largest group first."""
    found: dict[tuple[str, ...], FailureGroup] = {}
    for result in failures:
        reason = "\n".join(result.reason.splitlines()[:_REASON_LINES])
        found.setdefault(failure(result), FailureGroup(str(result.outcome), reason)).ids.append(result.id)
    return sorted(found.values(), key=lambda group: -len(group.ids))


def first_to_break(base: ReviewStage, stages: Iterable[ReviewStage]) -> tuple[ReviewStage, list[str]] | None:
    """Return the first stage that breaks what worked before it, and which cases."""
    for before, stage in pairwise([base, *stages]):
        known = before.run.results
        pairs = [(known.get(case), result) for case, result in stage.run.results.items()]
        lost = [after.id for earlier, after in pairs if categorise(earlier, after) is Category.REGRESSED]
        if lost:
            return stage, lost
    return None
