"""A run in KCIDB's form is valid by KCIDB's own schema, and its incidents link tests and known issues."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kcidb_io.schema import V5_3

from fixtures.runs.export import kcidb
from fixtures.runs.result import AppliedPatch, AppliedSeries, Death, Outcome
from fixtures.runs.run import Run
from fixtures.subject.known_issues import KNOWN_ISSUES
from suites.meta.made_run import ABOUT, case, keep
from tools.entry_point import start

ISSUE, OTHER = KNOWN_ISSUES[:2]
CASES = (
    case("test_a[x-1]", sync="full"),
    case("test_a[y]", Outcome.FAILED, "bitmap b0\n  expected: \0"),
    replace(case("test_b", Outcome.CRASHED, "QEMU died"), death=Death("SIGABRT", ("a: b",))),
    case("test_c", Outcome.HUNG, "not seen in time"),
    case("test_d", Outcome.ERROR, "no space"),
    case("test_e", Outcome.NOT_RUN, "needs dialect v2"),
    replace(case("test_f", Outcome.KNOWN_FAILURE, f"{ISSUE.id} x"), issues=(ISSUE.id,)),
    replace(case("test_g", Outcome.ISSUE_GONE, f"{OTHER.id} y"), issues=(OTHER.id,)),
)
SERIES = AppliedSeries("v9", (AppliedPatch("0001", "one", "aa" * 32),))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give a run in which cases end in every way."""
    return keep(tmp_path / "v9", CASES, replace(ABOUT, series=SERIES))


@pytest.fixture
def document(run: Run) -> dict[str, Any]:
    """Give the run in KCIDB's form."""
    parsed: dict[str, Any] = json.loads(kcidb.text(run))
    return parsed


def by_id(objects: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return objects by their ids, of which no two are equal."""
    found = {one["id"]: one for one in objects}
    assert len(found) == len(objects)
    return found


def test_the_schema_takes_it(document: dict[str, Any]) -> None:
    """It is valid by KCIDB's own schema, as is a run of which no patches are known."""
    V5_3.validate_exactly(document)


def test_unknown_patches(tmp_path: Path) -> None:
    """A QEMU of which nobody knows what it was built from is a source of its own."""
    document = json.loads(kcidb.text(keep(tmp_path / "v9", CASES)))
    V5_3.validate_exactly(document)
    assert document["checkouts"][0]["patchset_hash"] == ""


def test_every_case_is_a_test(document: dict[str, Any]) -> None:
    """Known failures fail: it is the incident that excuses them."""
    ends = {test["comment"].partition("::")[2]: test["status"] for test in by_id(document["tests"]).values()}
    assert ends == {
        "test_a[x-1]": "PASS",
        "test_a[y]": "FAIL",
        "test_b": "FAIL",
        "test_c": "FAIL",
        "test_d": "ERROR",
        "test_e": "SKIP",
        "test_f": "FAIL",
        "test_g": "PASS",
    }
    assert {test["path"] for test in document["tests"][:2]} == {"qemu.mirror.room.test_cases.test_a"}
    assert document["tests"][2]["log_excerpt"] == "QEMU died\na: b"


def test_incidents_link_issues_and_tests(document: dict[str, Any]) -> None:
    """A known failure is an incident of its issue; where an issue is gone, the incident says that it is not present."""
    issues, tests = by_id(document["issues"]), by_id(document["tests"])
    told = {
        (issues[one["issue_id"]]["report_subject"], tests[one["test_id"]]["comment"].partition("::")[2], one["present"])
        for one in by_id(document["incidents"]).values()
    }
    assert told == {(ISSUE.title, "test_f", True), (OTHER.title, "test_g", False)}
    assert all(issues[one["issue_id"]]["version"] == one["issue_version"] for one in document["incidents"])


def test_everything_belongs_to_one_build(document: dict[str, Any]) -> None:
    """One checkout has one build, to which all tests belong."""
    (checkout,), (build,) = document["checkouts"], document["builds"]
    assert build["checkout_id"] == checkout["id"]
    assert {test["build_id"] for test in document["tests"]} == {build["id"]}


def test_two_runs_of_one_source(run: Run) -> None:
    """They share the checkout; their builds and tests are others."""
    later = replace(run, about=replace(run.about, begun="2026-01-02T00:00:00+00:00"))
    one, other = (json.loads(kcidb.text(each)) for each in (run, later))
    assert one["checkouts"] == other["checkouts"]
    assert by_id(one["tests"]).keys().isdisjoint(by_id(other["tests"]))


def test_the_tool_writes_it(run: Run, tmp_path: Path) -> None:
    """--kcidb takes a file."""
    assert start("export", str(run.folder), "--kcidb", str(tmp_path / "k.json")) == 0
    assert (tmp_path / "k.json").read_text() == kcidb.text(run)
