"""The report of a review: text of at most 72 columns, the verdict first, ready to be mailed."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from fixtures.runs import issues
from fixtures.runs.comparison import Category, compare, text
from fixtures.runs.result import Outcome
from tools.reviewing.outcome import Review, ReviewStage, broken, first_to_break, groups
from tools.reviewing.reviewer import identity
from tools.reviewing.running import printable

_WIDTH = 72
_GROUPS = 12
_EXAMPLES = 3


def written(review: Review) -> str:
    """Return the report of one series."""
    parts = [
        _verdict(review),
        _about(review),
        _each(review),
        _failures(review),
        _against_base(review),
        _tested_by(review),
    ]
    return printable("\n".join(_joined(parts)) + "\n")


def compared(reviews: list[Review]) -> str:
    """Return what changed from each series to the next."""
    parts: list[list[str]] = []
    for one, other in pairwise(reviews):
        parts.append([f"From {one.label} to {other.label}:", *_changes(one.final, other.final)])
    return printable("\n".join(_joined(parts)) + "\n")


def _joined(parts: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of parts with an empty line between them."""
    for number, lines in enumerate(part for part in map(list, parts) if part):
        yield from ["", *lines] if number else lines


def _verdict(review: Review) -> Iterator[str]:
    run = review.final.run
    count, bad = sum(result.was_run for result in run.results.values()), len(broken(run.results))
    yield from _wrapped(f"FAILED: {bad} of {count} cases" if bad else f"PASSED: none of {count} cases failed", "")
    if review.series.missing:
        yield from _wrapped(f"INCOMPLETE: {_missing(review)}, so this is not the whole series", "")
    if not run.is_complete:
        yield from _wrapped(f"INCOMPLETE: {run.missing} cases have no result; see pytest.txt beside the run", "")


def _about(review: Review) -> Iterator[str]:
    series, run = review.series, review.final.run
    yield from _wrapped(
        f"{series.title} (v{series.version}, {len(series.patches)} of {series.total} patches)", "series"
    )
    for patch in series.patches:
        yield from _wrapped(f"{patch.place} {patch.title} ({patch.author})", "", indent=2)
    for note in (*series.notes, *review.notes):
        yield from _wrapped(note, "mailbox" if note in series.notes else "note")
    yield from _wrapped(f"{review.base.name}: QEMU {review.base.run.about.qemu.version}", "base")
    yield from _wrapped(f"{run.about.qemu.dialect} of the feature, as it was found by probing", "dialect")
    yield from _wrapped(_counts(review.final), "cases")
    if met := issues.text(run.results.values()):
        yield from _wrapped(met, "issues")
    for path in review.own_tests:
        yield from _wrapped(f"{path} (not built, not run)", "its tests")
    yield from _wrapped(_time(review), "time")


def _each(review: Review) -> Iterator[str]:
    if len(review.stages) < 2:
        return
    yield "After each patch:"
    for stage in review.stages:
        yield from _wrapped(
            f"{len(broken(stage.run.results))} failed; dialect {stage.run.about.qemu.dialect}", stage.name
        )
    guilty = first_to_break(review.base, review.stages)
    if guilty:
        stage, lost = guilty
        yield from _wrapped(f"The first that breaks what worked is patch {stage.name}: {len(lost)} cases, such as", "")
        yield from _examples(lost)
    else:
        yield from _wrapped("No patch breaks what worked before it.", "")


def _failures(review: Review) -> Iterator[str]:
    found = groups(broken(review.final.run.results))
    if not found:
        return
    yield f"Failures, by what they say ({len(found)} kinds):"
    for number, group in enumerate(found[:_GROUPS], 1):
        yield ""
        yield from _wrapped(f"{number}. {len(group.ids)} {group.outcome}", "")
        for line in group.reason.splitlines():
            yield from _wrapped(line.strip(), "", indent=5)
        yield from _examples(group.ids)
    if len(found) > _GROUPS:
        yield f"... and {len(found) - _GROUPS} kinds more"


def _against_base(review: Review) -> Iterator[str]:
    yield f"Against {review.base.name} without the series:"
    yield from _changes(review.base, review.final)


def _changes(before: ReviewStage, after: ReviewStage) -> Iterator[str]:
    """Yield what two runs differ in; cases that only the later one can run are counted, for they compare with none."""
    found = compare(before.run, after.run)
    shown = tuple(group for group in found.groups if group.category not in (Category.NO_LONGER_NOT_RUN, Category.NEW))
    first = sum(found.counts[category] for category in (Category.NO_LONGER_NOT_RUN, Category.NEW))
    yield from _wrapped(f"{first} cases run that did not run before", "")
    yield from text(replace(found, groups=shown)).splitlines()


def _tested_by(review: Review) -> Iterator[str]:
    """Suggest the line for the reviewer to answer with; only of a clean series."""
    who = identity()
    if review.is_clean and who:
        yield "All is clean. If you stand for it, answer with:"
        yield f"Tested-by: {who}"


def _examples(ids: list[str]) -> Iterator[str]:
    for case in ids[:_EXAMPLES]:
        yield from _wrapped(case.removeprefix("suites/"), "", indent=5)


def _missing(review: Review) -> str:
    numbers = ", ".join(f"{number}/{review.series.total}" for number in review.series.missing)
    return f"patch {numbers} is not in the mailbox"


def _counts(stage: ReviewStage) -> str:
    count = Counter(result.outcome for result in stage.run.results.values())
    return ", ".join(f"{count[outcome]} {outcome}" for outcome in Outcome if count[outcome])


def _time(review: Review) -> str:
    building, running = (sum(getattr(one, name) for one in review.stages) for name in ("building", "running"))
    where = "in a sandbox" if review.sandboxed else "WITHOUT a sandbox"
    return f"{building:.0f} s built, {running:.0f} s run, {where}"


def _wrapped(line: str, title: str, indent: int | None = None) -> list[str]:
    """Return it in lines of at most 72 columns, behind a title or an indent."""
    first = f"{title:<10}" if title else " " * (indent or 0)
    return textwrap.wrap(line, _WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [first.rstrip()]
