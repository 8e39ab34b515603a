"""The report of a review: text of at most 72 columns, the verdict first, ready to be mailed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from fixtures.runs import issues
from fixtures.runs.comparison import Category, compare, text
from fixtures.runs.result import Outcome, Result
from tools.reviewing.cause_text import long, short, short_id, wrapped
from tools.reviewing.outcome import Review, ReviewStage, faults, first_to_break
from tools.reviewing.reviewer import identity
from tools.reviewing.running import printable

_SHORT = 8
_LONG = 12
_EXAMPLES = 3
_REPEATING = "SERIES is the mailbox. With a build of your own: tools/check --qemu BUILD CASE"


def written(review: Review) -> str:
    """Return the report of one series."""
    parts = [
        _verdict(review),
        _about(review),
        _each(review),
        _failures(review),
        _set_aside(review),
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
    """Yield whether the series passed and why not, in short: most readers stop here."""
    run, found = review.final.run, review.faults
    count = sum(result.was_run for result in run.results.values())
    causes = f"{len(found.series)} {_plural('cause', len(found.series))}"
    failed = f"FAILED: {found.own} of {count} cases, by {causes}"
    yield from wrapped(
        failed if found.own else f"PASSED: none of {count} cases failed" + " by the series" * bool(found.base)
    )
    if review.series.missing:
        yield from wrapped(f"INCOMPLETE: {_missing(review)}, so this is not the whole series")
    if not run.is_complete:
        yield from wrapped(f"INCOMPLETE: {run.missing} cases have no result; see pytest.txt beside the run")
    for number, (cause, cases) in enumerate(list(found.series.items())[:_SHORT], 1):
        yield from short(number, cause, cases, run)
        if cause in found.hints:
            yield from wrapped(f"may be of {review.base.name}, see {_named(found.hints[cause])}", " " * 5)
    if len(found.series) > _SHORT:
        yield from wrapped(f"and {len(found.series) - _SHORT} more, see below", " " * 5)
    if found.aside:
        yield from wrapped(
            f"Set aside: {found.aside} {_plural('failure', found.aside)} that {review.base.name} shows, too"
        )
    if found.series:
        yield from wrapped(_REPEATING)


def _about(review: Review) -> Iterator[str]:
    series, run = review.series, review.final.run
    yield from _titled(f"{series.title} (v{series.version}, {len(series.patches)} of {series.total} patches)", "series")
    for patch in series.patches:
        yield from wrapped(f"{patch.place} {patch.title} ({patch.author})", " " * 2)
    for note in (*series.notes, *review.notes):
        yield from _titled(note, "mailbox" if note in series.notes else "note")
    yield from _titled(f"{review.base.name}: QEMU {review.base.run.about.qemu.version}", "base")
    qemu = run.about.qemu
    yield from _titled(f"{qemu.dialect} of the feature, {qemu.basis or 'as it was found by probing'}", "dialect")
    yield from _titled(_counts(review.final), "cases")
    if met := issues.text(run.results.values()):
        yield from _titled(met, "issues")
    for path in review.own_tests:
        yield from _titled(f"{path} (not built, not run)", "its tests")
    yield from _titled(_time(review), "time")


def _each(review: Review) -> Iterator[str]:
    if len(review.stages) < 2:
        return
    yield "After each patch:"
    for stage in review.stages:
        found = faults(review.base.run.results, stage.run.results)
        aside = f", {found.aside} as {review.base.name} does" if found.aside else ""
        yield from _titled(f"{found.own} failed{aside}; dialect {stage.run.about.qemu.dialect}", stage.name)
    guilty = first_to_break(review.base, review.stages)
    if guilty:
        stage, lost = guilty
        yield from wrapped(f"The first that breaks what worked is patch {stage.name}: {len(lost)} cases, such as")
        yield from _examples(lost)
    else:
        yield from wrapped("No patch breaks what worked before it.")


def _failures(review: Review) -> Iterator[str]:
    found = review.faults
    for number, (cause, cases) in enumerate(list(found.series.items())[:_LONG], 1):
        yield from ["Failures by cause:", ""] if number == 1 else [""]
        yield from long(number, cause, cases, review.final.run)
    if len(found.series) > _LONG:
        yield f"... and {len(found.series) - _LONG} causes more"


def _set_aside(review: Review) -> Iterator[str]:
    """Yield what the base fails in itself."""
    for number, (cause, pairs) in enumerate(review.faults.base.items()):
        if number == 0:
            yield f"Set aside, for {review.base.name} shows the same without the series:"
        names = dict.fromkeys(_named(there) for _, there in pairs)
        yield from wrapped(f"{len(pairs)}: {cause.title}, as in {', '.join(list(names)[:_EXAMPLES])}", "  ")
        yield from wrapped(f"such as {short_id(pairs[0][0].id)}", " " * 5)


def _named(there: Result) -> str:
    """Return the base's case, or the known issues that it shows."""
    return ", ".join(there.issues) or short_id(there.id)


def _against_base(review: Review) -> Iterator[str]:
    """Yield what else differs from the base. Changed transcripts are as promised in both, so they are only counted."""
    base, run = review.base.run, review.final.run
    found = compare(base, run)
    told = {
        Category.REGRESSED: "fail that it passes",
        Category.FIXED: "pass that fail there",
        Category.CHANGED: "as promised in both, with other messages or events",
        Category.NO_LONGER_NOT_RUN: "run that it cannot run",
        Category.NEWLY_NOT_RUN: "not run that run there",
    }
    yield f"Cases against {review.base.name} without the series:"
    for category, words in told.items():
        if found.counts[category]:
            yield from wrapped(f"{found.counts[category]:5}  {words}")
    yield from wrapped(f"more: make compare A={base.about.label} B={run.about.label}", " " * 7)


def _changes(before: ReviewStage, after: ReviewStage) -> Iterator[str]:
    """Yield what two runs differ in; cases that only the later one can run are counted, for they compare with none."""
    found = compare(before.run, after.run)
    shown = tuple(group for group in found.groups if group.category not in (Category.NO_LONGER_NOT_RUN, Category.NEW))
    first = sum(found.counts[category] for category in (Category.NO_LONGER_NOT_RUN, Category.NEW))
    yield from wrapped(f"{first} cases run that did not run before")
    yield from text(replace(found, groups=shown)).splitlines()


def _tested_by(review: Review) -> Iterator[str]:
    """Suggest the line for the reviewer to answer with; only of a clean series."""
    who = identity()
    if review.is_clean and who:
        yield "All is clean. If you stand for it, answer with:"
        yield f"Tested-by: {who}"


def _examples(ids: list[str]) -> Iterator[str]:
    for case in ids[:_EXAMPLES]:
        yield from wrapped(short_id(case), " " * 5)


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


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _titled(line: str, title: str) -> list[str]:
    return wrapped(line, f"{title:<10}")
