"""Comparing two runs: in what ways a case differs, which cases differ alike, what a third run sets aside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.runs import comparison
from fixtures.runs.comparison import Category, Comparison
from fixtures.runs.result import Death, Outcome, Result
from fixtures.runs.run import NoRun
from suites.meta.made_run import ABOUT, case, keep

FAILED = case("test_it", Outcome.FAILED, "refusal\n  expected: None\n  observed: no")
CRASHED = replace(
    case("test_it", Outcome.CRASHED, "QEMU crashed"), death=Death("SIGABRT", ("assertion",), ("abort ()",))
)
KNOWN = case("test_it", Outcome.KNOWN_FAILURE, "a bug")
GONE = replace(case("test_it", Outcome.ISSUE_GONE, "KI-1 a bug"), issues=("KI-1",))
GONE_FROM_REFERENCE = replace(case("test_it", Outcome.FAILED, "KI-1 a bug: gone from v3"), issues=("KI-1",))
NOT_RUN = case("test_it", Outcome.NOT_RUN, "needs dialect v3")
PASSED = case("test_it", shown="** job created")
OTHER = case("test_other")
DIFFERENT = {
    "regressed": (PASSED, FAILED, Category.REGRESSED),
    "regressed-to-a-known-failure": (PASSED, KNOWN, Category.REGRESSED),
    "fails-differently": (FAILED, CRASHED, Category.FAILS_DIFFERENTLY),
    "fixed": (FAILED, PASSED, Category.FIXED),
    "fixed-known-failure": (KNOWN, PASSED, Category.FIXED),
    "fixed-and-gone": (KNOWN, GONE, Category.FIXED),
    "fixed-in-a-reference": (KNOWN, GONE_FROM_REFERENCE, Category.FIXED),
    "changed": (PASSED, case("test_it", shown="** job created running"), Category.CHANGED),
    "newly-not-run": (PASSED, NOT_RUN, Category.NEWLY_NOT_RUN),
    "no-longer-not-run": (NOT_RUN, FAILED, Category.NO_LONGER_NOT_RUN),
    "new": (None, PASSED, Category.NEW),
    "gone": (PASSED, None, Category.GONE),
}


def compared(folder: Path, a: list[Result], b: list[Result], base: list[Result] | None = None) -> Comparison:
    """Compare runs of these cases, and of one that is the same in all."""
    third = keep(folder / "base", [*base, OTHER]) if base is not None else None
    return comparison.compare(keep(folder / "a", [*a, OTHER]), keep(folder / "b", [*b, OTHER]), third)


@pytest.mark.parametrize(("a", "b", "category"), DIFFERENT.values(), ids=DIFFERENT)
def test_each_way_to_differ_has_a_category(
    tmp_path: Path, a: Result | None, b: Result | None, category: Category
) -> None:
    """What became of a case puts it into exactly one category."""
    found = compared(tmp_path, [a] if a else [], [b] if b else [])
    assert found.counts == {category: 1}
    assert found.differs


@pytest.mark.parametrize("one", [PASSED, FAILED, CRASHED, KNOWN, NOT_RUN], ids=lambda one: one.outcome)
def test_what_ends_alike_does_not_differ(tmp_path: Path, one: Result) -> None:
    """A case that ends in both runs in the same way is no difference, however long it took."""
    found = compared(tmp_path, [one], [replace(one, seconds=one.seconds + 1)])
    assert (found.differs, found.common) == (False, 2)
    assert found.failing_alike == (one.outcome not in (Outcome.PASSED, Outcome.NOT_RUN))


def test_the_same_failure_of_the_base_is_set_aside(tmp_path: Path) -> None:
    """What b fails in is set aside if a third run fails there in the same way."""
    found = compared(tmp_path, [PASSED], [FAILED], [FAILED])
    assert (found.differs, [one.id for one in found.set_aside]) == (False, [FAILED.id])


@pytest.mark.parametrize("base", [PASSED, CRASHED, NOT_RUN], ids=lambda one: one.outcome)
def test_another_end_in_the_base_sets_nothing_aside(tmp_path: Path, base: Result) -> None:
    """A base that passes, fails in another way or does not run a case says nothing against its failure."""
    assert compared(tmp_path, [PASSED], [FAILED], [base]).counts == {Category.REGRESSED: 1}


def test_a_fix_is_not_set_aside(tmp_path: Path) -> None:
    """What b does as promised counts as fixed, though the base fails there as a does."""
    assert compared(tmp_path, [FAILED], [PASSED], [FAILED]).counts == {Category.FIXED: 1}


def stories(kind: str, changed: str) -> list[Result]:
    """Return six cases of one test; the large ones have another transcript."""
    return [
        case(
            f"test_it[{size}-{mode}]",
            shown=changed if size > "2" else f"-> start size={size}M {kind}",
            size=size,
            mode=mode,
        )
        for size in ("1", "2", "3")
        for mode in ("x", "y")
    ]


def test_the_same_difference_of_many_cases_is_one_group(tmp_path: Path) -> None:
    """Cases that part at a line which differs by their own numbers only form one group."""
    found = compared(tmp_path, stories("ok", "== b0 dirty: 1 5-7"), stories("ok", "== b0 dirty: 3; busy"))
    (group,) = found.groups
    assert str(group.described) == "all 2 cases with size=3"
    assert group.example[-2:] == ("- == b0 dirty: 1 5-7", "+ == b0 dirty: 3; busy")


def test_stories_part_where_their_behaviours_do(tmp_path: Path) -> None:
    """The first behaviour that differs distinguishes two differences; what follows may be its consequence."""
    before = [case(f"test_it[{n}]", shown=str(n), n=str(n)) for n in range(4)]
    after = [replace(one, transcript=f"{one.transcript} other") for one in before]
    lists = (("start", "a"), ("start", "b"), ("other", "c"), ("other", "d"))
    a = [replace(one, behaviours=("begin", "ready", end)) for one, (_, end) in zip(before, lists, strict=True)]
    b = [replace(one, behaviours=("begin", start)) for one, (start, _) in zip(after, lists, strict=True)]
    groups = compared(tmp_path, a, b).of(Category.CHANGED)
    assert [(group.sign[1:], str(group.described)) for group in groups] == [
        (("ready", "other"), "all 2 cases with n=2 or 3"),
        (("ready", "start"), "all 2 cases with n=0 or 1"),
    ]


def test_failures_are_told_apart_by_their_reason(tmp_path: Path) -> None:
    """Numbers and the arguments of the step do not make a failure another one; its text does."""
    names = [f"test_it[{n}]" for n in range(3)]
    reasons = ["digest of 1-5\n  at: Start(a=1)", "digest of 7\n  at: Start(a=2)", "nodes\n  at: Start(a=3)"]
    failing = [case(name, Outcome.FAILED, reason) for name, reason in zip(names, reasons, strict=True)]
    found = compared(tmp_path, [case(name) for name in names], failing)
    assert [len(group.cases) for group in found.of(Category.REGRESSED)] == [2, 1]


def test_a_crash_shows_how_qemu_died(tmp_path: Path) -> None:
    """The example of a crash has the signal, the end of stderr and the backtrace."""
    (group,) = compared(tmp_path, [PASSED], [CRASHED]).groups
    assert group.example == ("+ crashed (SIGABRT)", "+ QEMU crashed", "+ stderr: assertion", "+ abort ()")


def test_runs_without_a_common_case_are_not_compared(tmp_path: Path) -> None:
    """Runs of different suites, or without a case, are reported instead of being called different."""
    a, b = keep(tmp_path / "a", [PASSED]), keep(tmp_path / "b", [OTHER])
    with pytest.raises(NoRun, match="no case in common"):
        comparison.compare(a, b)
    with pytest.raises(NoRun, match="has no case that ended"):
        comparison.compare(a, keep(tmp_path / "c", [], ABOUT))
