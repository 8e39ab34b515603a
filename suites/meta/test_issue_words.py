"""Comparison and page name the known issues of QEMU that a run met or found gone, with how many cases show each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.runs import comparison, issues
from fixtures.runs.page import data
from fixtures.runs.result import Outcome
from fixtures.runs.run import Run
from suites.meta.made_run import case, keep

TOLD = "known KI-01 (2 cases), KI-04; gone KI-07"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give a run that met two issues and found one gone; a failure that names one shows none."""
    known = (replace(case(f"test_{name}", Outcome.KNOWN_FAILURE), issues=("KI-01",)) for name in "ab")
    both = replace(case("test_c", Outcome.KNOWN_FAILURE), issues=("KI-04",))
    gone = replace(case("test_d", Outcome.ISSUE_GONE), issues=("KI-07",))
    return keep(tmp_path / "one", [*known, both, gone, replace(case("test_e", Outcome.FAILED), issues=("KI-09",))])


def test_counts_and_words(run: Run) -> None:
    """Issues are counted apart: those that are known and those that are gone."""
    counts = issues.counts(run.results.values())
    assert counts == {"known": {"KI-01": 2, "KI-04": 1}, "gone": {"KI-07": 1}}
    assert issues.text(run.results.values()) == TOLD


def test_a_comparison_names_them(run: Run, tmp_path: Path) -> None:
    """Text and JSON name the issues of each run."""
    found = comparison.compare(run, keep(tmp_path / "other", [case("test_a"), case("test_b")]))
    assert f"     {TOLD}" in comparison.text(found).splitlines()
    described = comparison.document(found)["runs"]
    assert described["a"]["issues"] == {"known": {"KI-01": 2, "KI-04": 1}, "gone": {"KI-07": 1}}
    assert described["b"]["issues"] == {"known": {}, "gone": {}}


def test_the_page_names_them(run: Run) -> None:
    """The head of the page has them beside the QEMU."""
    assert data.collect(run, None)["runs"][0]["issues of QEMU"] == TOLD
