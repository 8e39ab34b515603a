"""docs/verdicts.md is a table of runs in the form that the tool writes: sums are right, nothing names a machine."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.runs.result import Deviation, Outcome, QemuFacts
from fixtures.subject.known_issues import KNOWN_ISSUES
from suites.meta.made_run import ABOUT, case, keep
from tools import verdict_table
from tools.entry_point import start

REFUSAL = Deviation("refusal", ("expected: None", "observed: Could not open '/home/ada/x.raw'"), "StartMirror")
CASES = (
    case("test_a[one]"),
    replace(case("test_a[two]", Outcome.FAILED), deviation=REFUSAL),
    replace(case("test_a[three]", Outcome.FAILED), deviation=REFUSAL),
    case("test_b", Outcome.ERROR, "OSError: /home/ada/out is full"),
    replace(case("test_c", Outcome.KNOWN_FAILURE), issues=("KI-04", "KI-01")),
    replace(case("test_d", Outcome.KNOWN_FAILURE), issues=("KI-04",)),
    replace(case("test_e", Outcome.ISSUE_GONE), issues=("KI-07",)),
    case("test_f", Outcome.NOT_RUN, "needs dialect v2 of the feature, this QEMU has v3"),
)
CELLS = {
    "run": "sid",
    "QEMU": "v9",
    "version": "9.8.7",
    "dialect": "v3",
    "Python": "3.14.1",
    "cases": "8 (check)",
    "passed": "1",
    "failed": "3",
    "known": "2 (KI-01: 1, KI-04: 2)",
    "gone": "1 (KI-07: 1)",
    "not run": "1",
    "seconds": "60",
    "date": "2026-01-01",
    "suite": "1.0",
}


def test_a_run_is_a_row(tmp_path: Path) -> None:
    """The row has what was judged and how many cases ended how, with the ids of known issues."""
    text = verdict_table.text([keep(tmp_path / "sid", CASES, replace(ABOUT, python="3.14.1"))])
    assert verdict_table.rows(text) == [CELLS]


def test_failures_are_told_by_cause(tmp_path: Path) -> None:
    """Below the table stand the causes of failures, and why cases of which runs were not run; no path of a machine."""
    text = verdict_table.text([keep(tmp_path / name, CASES) for name in ("sid", "old")])
    assert "\n## Failures\n\n- sid: 2: refused, at StartMirror; Could not open '...', as in" in text
    assert "- sid: 1: OSError: ... is full, as in `room/test_cases.py::test_b`\n" in text
    assert text.endswith("\n## Not run\n\n- needs dialect v2 of the feature: sid 1, old 1\n")
    assert not re.search(r"ada|/home", text)


def test_a_build_in_a_folder_has_no_name(tmp_path: Path) -> None:
    """The path of a QEMU is the machine's; what the package is called stays."""
    about = replace(ABOUT, qemu=QemuFacts("/home/ada/qemu", "11.1.3 (Debian 1:11.1.3+ds-1)", "stock", "/home/ada/q"))
    (row,) = verdict_table.rows(verdict_table.text([keep(tmp_path / "a", CASES[:1], about)]))
    assert (row["QEMU"], row["version"]) == ("a build", "11.1.3 (Debian 1:11.1.3+ds-1)")


@pytest.mark.parametrize(
    ("options", "selection"),
    [
        ((), "8 (check)"),
        (("suites", "--ignore=suites/meta", "-n", "auto"), "8 (check)"),
        (("-m", "not thorough"), "8 (check-quick)"),
        (("--deep",), "8 (check-deep)"),
        (("-k", "merge", "-m", "not thorough"), "8 (part)"),
        (("suites/port/test_arguments.py",), "8 (part)"),
    ],
)
def test_the_selection_is_named(tmp_path: Path, options: tuple[str, ...], selection: str) -> None:
    """A row says which set of cases was run."""
    text = verdict_table.text([keep(tmp_path / "a", CASES, replace(ABOUT, options=options))])
    assert verdict_table.rows(text)[0]["cases"] == selection


def test_a_run_that_was_cut_off_says_so(tmp_path: Path) -> None:
    """Cases without result are counted, and there is no time."""
    run = keep(tmp_path / "a", CASES)
    cut = replace(run, about=replace(run.about, ended=None, cases=10))
    (row,) = verdict_table.rows(verdict_table.text([cut]))
    assert (row["cases"], row["seconds"]) == ("10 (check), 2 without result", "not ended")


def test_the_tool_takes_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs made elsewhere are given as folders; one that is not there is named, and nothing is written."""
    monkeypatch.setattr(verdict_table, "DOCUMENT", tmp_path / "verdicts.md")
    keep(tmp_path / "b", CASES)
    assert start("verdicts", str(tmp_path / "b"), str(tmp_path / "none")) == 2
    assert not (tmp_path / "verdicts.md").exists()
    assert start("verdicts", str(keep(tmp_path / "a", CASES).folder), str(tmp_path / "b")) == 0
    assert [row["run"] for row in verdict_table.rows((tmp_path / "verdicts.md").read_text())] == ["a", "b"]


def test_another_form_is_refused() -> None:
    """What the tool did not write is no table of its."""
    with pytest.raises(ValueError, match="head"):
        verdict_table.rows("# Verdicts\n\n| a |\n")


def test_the_document() -> None:
    """docs/verdicts.md is in the tool's form; its sums are right, its issues are known, and no path is a machine's."""
    text = verdict_table.DOCUMENT.read_text(encoding="utf-8")
    found = verdict_table.rows(text)
    assert found
    for row in found:
        numbers = [int(row[column].partition(" ")[0].replace(",", "")) for column in ("cases", *verdict_table.COUNTS)]
        assert "without result" in row["cases"] or numbers[0] == sum(numbers[1:]), row
    assert set(re.findall(r"KI-\d+", text)) <= {issue.id for issue in KNOWN_ISSUES}
    assert not re.search(r"(?<![\w.])/(?:root|home|tmp|var|usr)/", text)
