"""Write into docs/coverage.md which tests cover which ids of its checklist, as their docstrings say."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from fixtures.golden import collection
from fixtures.golden.collection import CaseFacts
from fixtures.host.console import CannotRun, say
from fixtures.host.folders import ROOT
from tools.entry_point import Parser

DOCUMENT = Path("docs/coverage.md")
MARKER = "<!-- generated: tools/coverage -->\n"
"""What stands between this and the next heading, or the end, is made here."""
_ID = r"[MBXR]-[A-Z]?[0-9]\w*"
_DEFINITION = re.compile(rf"^- ({_ID})", re.MULTILINE)
_NAMED = re.compile(rf"\b({_ID})(?:\s*(?:\.\.|-|to)\s*({_ID}))?")
_HEADING = re.compile(r"^#+ ", re.MULTILINE)

Tests = dict[str, list[str]]
"""The tests that cover an id, for all known ids, in the order of the checklist."""


def main(arguments: Sequence[str]) -> int:
    """Write the section and return 0, or 1 if it is only looked at and stale; raises ``CannotRun``."""
    parser = Parser("coverage", __doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the section is stale")
    only_check = parser.parse_args(arguments).check
    document = ROOT / DOCUMENT
    try:
        before = document.read_text(encoding="utf-8")
    except OSError as problem:
        raise CannotRun(str(problem)) from problem
    after = rewritten(before, collection.cases(ROOT))
    if before != after and not only_check:
        document.write_text(after, encoding="utf-8")
        print(f"changed {DOCUMENT}")
    if before != after and only_check:
        say(f"{DOCUMENT} does not say what the docstrings of the tests say now: run `make coverage`")
        return 1
    return 0


def rewritten(document: str, cases: Iterable[CaseFacts]) -> str:
    """Return the document with its section as it must be now; raises ``CannotRun`` if that cannot be found out."""
    checklist, marker, old = document.partition(MARKER)
    if not marker:
        raise CannotRun(f"{DOCUMENT} has no line {MARKER.strip()} to write after")
    after = _HEADING.search(old)
    tail = f"\n{old[after.start() :]}" if after else ""
    found = section(coverage(known_ids(checklist), cases), left_out(checklist))
    return f"{checklist}{marker}\n{found}{tail}"


def known_ids(checklist: str) -> list[str]:
    """Return the ids that have a line of their own, in their order; raises ``CannotRun`` if one has two."""
    ids: list[str] = _DEFINITION.findall(checklist)
    for name, count in Counter(ids).items():
        if count > 1:
            raise CannotRun(f"{DOCUMENT} defines {name} {count} times")
    return ids


def left_out(checklist: str) -> set[str]:
    """Return the ids whose lines say that they are left out, in whole or in part, and why."""
    first, *rows = re.split(r"^- (?=[MBXR]-)", checklist, flags=re.MULTILINE)
    del first
    return {row.split()[0] for row in rows if "left out" in row.partition("\n\n")[0].lower()}


def coverage(known: Sequence[str], cases: Iterable[CaseFacts]) -> Tests:
    """Return which tests cover which ids; raises ``CannotRun`` with the test that names what is not known."""
    tests: Tests = {name: [] for name in known}
    for test, docstring in sorted({(case.test, case.docstring) for case in cases}):
        try:
            for name in dict.fromkeys(ids_in(docstring, known)):
                tests[name].append(test)
        except LookupError as error:
            raise CannotRun(f"{test} names {error.args[0]} in {DOCUMENT}") from error
    return tests


def ids_in(docstring: str, known: Sequence[str]) -> Iterator[str]:
    """Yield the ids that a docstring names, alone or as a range; raises ``LookupError`` for what is not known."""
    for first, last in _NAMED.findall(docstring):
        for name in filter(None, (first, last)):
            if name not in known:
                raise LookupError(f"{name}, which is not defined")
        start, end = known.index(first), known.index(last or first)
        if start > end or group_of(known[start]) != group_of(known[end]):
            raise LookupError(f"{first} to {last}, which is no range")
        yield from known[start : end + 1]


def section(tests: Tests, reasons: Collection[str] = ()) -> str:
    """Return the text of the section: how many ids of each group are covered, by which tests, and which are not.

    ``reasons``: the ids that say why.
    """
    total = Counter(group_of(name) for name in tests)
    covered = Counter(group_of(name) for name, found in tests.items() if found)
    summary = [f"- {group}: covered {covered[group]} of {count}" for group, count in total.items()]
    rows = [f"| {name} | {', '.join(f'`{test}`' for test in found)} |" for name, found in tests.items() if found]
    lacking = [name for name, found in tests.items() if not found]
    named = {
        "Not covered yet": [name for name in lacking if name not in reasons],
        "Left out, for a reason that stands with the id": [name for name in lacking if name in reasons],
    }
    rest = [
        line
        for title, names in named.items()
        for line in ("", *textwrap.wrap(f"{title}: {', '.join(names) or 'none'}", 120, break_on_hyphens=False))
    ]
    return "\n".join([*summary, "", "| id | tests |", "|---|---|", *rows, *rest, ""])


def group_of(name: str) -> str:
    """Return the group of an id, such as ``M-``."""
    return f"{name.partition('-')[0]}-"
