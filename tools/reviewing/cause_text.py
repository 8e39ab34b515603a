"""The causes of failures in words: in short for the verdict, with conditions and an example further down."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence

from fixtures.runs.causes import Cause
from fixtures.runs.comparison.conditions import condition
from fixtures.runs.comparison.population import Population
from fixtures.runs.result import Outcome, Result
from fixtures.runs.run import Run

WIDTH = 72
_CONDITIONS = 3
_TESTS = 4
_FRAMES = 5
_WORDS = {Outcome.CRASHED: "crash", Outcome.HUNG: "hang", Outcome.ERROR: "error"}


def short(number: int, cause: Cause, cases: Sequence[Result], run: Run) -> Iterator[str]:
    """Yield a cause in a few lines: what, how often, under which conditions, how to repeat its smallest case."""
    yield from wrapped(f"{_count(cause, len(cases))}: {'; '.join([cause.title, *cause.details])}", f"{number:3}. ")
    if len(cases) > 1 and (shared := _shared(cases, run)):
        yield from wrapped(shared, " " * 5)
    yield from command(smallest(cases, run))


def long(number: int, cause: Cause, cases: Sequence[Result], run: Run) -> Iterator[str]:
    """Yield a cause with where it shows: the conditions for each test, and its smallest case as an example."""
    yield from wrapped(f"{_count(cause, len(cases))}: {cause.title}", f"{number}. ")
    tests = _by_test(cases)
    for some in tests[:_TESTS] if len(cases) > 1 else []:
        yield from wrapped("; ".join(_described(some, run)), " " * 3)
    if len(tests) > _TESTS:
        yield from wrapped(f"{sum(map(len, tests[_TESTS:]))} cases of {len(tests) - _TESTS} other tests", " " * 3)
    example = smallest(cases, run)
    yield from wrapped(f"for example {short_id(example.id)}:", " " * 3)
    for line in _evidence(example):
        yield from wrapped(line, " " * 5)


def smallest(cases: Sequence[Result], run: Run) -> Result:
    """Return the first case to look at: of the test that shows the cause most often the shortest transcript."""
    return min(
        _by_test(cases)[0],
        key=lambda one: ((run.transcript(one) or "").count("\n"), len(one.axes), one.seconds, one.id),
    )


def command(result: Result) -> Iterator[str]:
    """Yield the command that repeats a case; a name that is too long goes on in the next line, as a shell reads it."""
    yield '     tools/review --series "$SERIES" --out out/again \\'
    line = f'       "{result.id}"'
    while len(line) > WIDTH:
        yield f"{line[: WIDTH - 1]}\\"
        line = line[WIDTH - 1 :]
    yield line


def short_id(case: str) -> str:
    """Return a case's or a test's name without what all begin with."""
    return case.removeprefix("suites/")


def wrapped(line: str, first: str = "") -> list[str]:
    """Return a line in lines of at most 72 columns; the later ones are indented as the text of the first is."""
    later = " " * len(first)
    return textwrap.wrap(line, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False) or [
        first.rstrip()
    ]


def _count(cause: Cause, count: int) -> str:
    word = _WORDS.get(cause.outcome, "failure")
    plural = "es" if word.endswith("sh") else "s"
    return f"{count} {word}{plural if count != 1 else ''}"


def _by_test(cases: Sequence[Result]) -> list[list[Result]]:
    """Return the cases of each test, those of the test that has most first."""
    tests: dict[str, list[Result]] = defaultdict(list)
    for result in cases:
        tests[result.test].append(result)
    return sorted(tests.values(), key=len, reverse=True)


def _shared(cases: Sequence[Result], run: Run) -> str:
    """Return what all cases of a cause share: the step, and conditions on axes, as far as a case has these axes."""
    steps = {one.deviation.at for one in cases if one.deviation and one.death}
    where = f" at {steps.pop()}" if len(steps) == 1 else ""
    if len(_by_test(cases)) == 1:
        found = Population(_tried(cases[0].test, run)).describe(result.id for result in cases)
        met = [one.text for one in found[0][1].conditions] if len(found) == 1 else []
    else:
        met = _common(cases, run)
    return f"all{where}" + (f" with {', '.join(met)}" if met else "") if where or met else ""


def _common(cases: Sequence[Result], run: Run) -> list[str]:
    """Return conditions on axes that most cases of several tests have; the most telling first."""
    told = []
    for axis in {axis for result in cases for axis in result.axes}:
        values = [result.axes[axis] for result in cases if axis in result.axes]
        every = list(dict.fromkeys(one.axes[axis] for one in run.results.values() if one.was_run and axis in one.axes))
        if len(values) * 2 > len(cases) and len(set(values)) * 2 <= min(len(every), len(values)):
            told.append((len(set(values)) / len(every), condition(axis, set(values), set(values), every).text))
    return [text for _, text in sorted(told)[:_CONDITIONS]]


def _described(cases: Sequence[Result], run: Run) -> list[str]:
    """Return which cases of a test show the cause."""
    if len(cases) == 1:
        return [short_id(cases[0].id)]
    found = Population(_tried(cases[0].test, run)).describe(result.id for result in cases)
    first, *others = (str(described) for _, described in found)
    return [f"{short_id(cases[0].test)}: {first}", *others]


def _tried(test: str, run: Run) -> dict[str, dict[str, str]]:
    return {one.id: dict(one.axes) for one in run.results.values() if one.test == test and one.was_run}


def _evidence(result: Result) -> Iterator[str]:
    """Yield what a case says of its failure: the mismatch, the end of stderr, the innermost calls."""
    yield from (line.strip() for line in result.reason.splitlines())
    if result.death:
        yield from (f"stderr: {line}" for line in result.death.stderr[-2:])
        yield from result.death.backtrace[:_FRAMES]
