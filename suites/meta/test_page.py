"""The page of a run: all of it in one file, harmless for any text of a QEMU, and right in a browser."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from fixtures.runs.page import render
from fixtures.runs.result import About, Death, Outcome, QemuFacts, Result
from fixtures.runs.run import Run, place
from suites.meta.browser import dom
from tools.entry_point import start

HOSTILE = "</script><script>document.title='owned'</script><b id=owned>\u2028'\"&"
TEST = "suites/a/test_a.py::test_many"
QEMU = QemuFacts("v3", "10.0.13", "v3", "/q")
ABOUT = About("late", QEMU, "2026-01-01T00:00:00+00:00", cases=27, ended="now", status=1)


def results(failing: dict[int, Outcome]) -> dict[str, Result]:
    """Return 27 results with three axes of three values and one of one; those of some numbers did not pass."""
    every = {}
    for number in range(27):
        axes = {
            "sync": f"s{number % 3}",
            "copy_mode": f"c{number // 3 % 3}",
            "size": f"{4 ** (number // 9)}K",
            "kind": "k",
        }
        one = Result(f"{TEST}[{number}]", axes=axes, outcome=failing.get(number, Outcome.PASSED), seconds=0.5)
        every[one.id] = replace(one, reason=f"{HOSTILE}\nline two") if number in failing else one
    return every


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give a run in which case 4 crashed, 5 failed, and both have a transcript."""
    found = results({4: Outcome.CRASHED, 5: Outcome.FAILED})
    died = f"{TEST}[4]"
    found[died] = replace(found[died], death=Death("SIGABRT", (HOSTILE,), ("#0 abort",)))
    for number, text in ((4, f"# told\n-> {HOSTILE}\n"), (5, "# told\n== b0 dirty: 3\n")):
        path = tmp_path / "transcripts" / place(f"{TEST}[{number}]", ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Run(tmp_path, ABOUT, found)


def shown(tmp_path: Path, text: str, fragment: str = "") -> str:
    """Return what a browser makes of a page."""
    page = tmp_path / "page.html"
    page.write_text(text, encoding="utf-8")
    return dom(page, fragment, tmp_path / "profile").partition('<script type="application/json"')[0]


def test_nothing_is_fetched(run: Run) -> None:
    """The page names no other file and no address, and forbids itself to load any."""
    text = render(run)
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href)=|@import|url\(|https?://|{{", text)


def test_data_cannot_end_the_script(run: Run) -> None:
    """What came from a QEMU is data, letter by letter, and ends neither element nor line."""
    text = render(run)
    assert text.count("</script>") == 2
    data = re.search(r'id="data">(.*)</script>\n<script>', text)
    assert data
    assert f"{HOSTILE}\nline two" in json.loads(data[1])["texts"]


def test_a_run_in_a_browser(run: Run, tmp_path: Path) -> None:
    """All cases are counted, the grid has a cell for each pair of values, the worst case comes first."""
    text = shown(tmp_path, render(run))
    assert "27 cases" in text
    assert re.findall(r"</span> (\d+ [a-z ]+)</button>", text) == ["1 crashed", "1 failed", "25 passed"]
    assert 'aria-label="1K, k, s1, c1: 1 crashed"' in text
    assert 'id="owned"' not in text
    assert "<title>late: mirror-conformance</title>" in text


def test_a_case_in_a_browser(run: Run, tmp_path: Path) -> None:
    """A link to a case shows its reason, how QEMU died, its transcript and how to repeat it."""
    text = shown(tmp_path, render(run), f"case={quote(f'{TEST}[4]')}")
    one = text.partition('id="case"')[2]
    assert "&lt;/script&gt;" in one
    assert "QEMU ended by SIGABRT" in one
    assert "tools/check --qemu v3 --label again 'suites/a/test_a.py::test_many[4]'" in one
    assert "what was told" in one


def test_filters_in_a_browser(run: Run, tmp_path: Path) -> None:
    """Outcome, axis and words each leave the cases that they fit, and together those that all fit."""
    fragments = {"kind=failed": 1, "axis.sync=s1": 9, "q=many%5B2": 8, "axis.sync=s1&q=line+two": 1, "q=nosuch": 0}
    counts = {one: re.findall(r"<h2>(\d+) cases", shown(tmp_path, render(run), one))[0] for one in fragments}
    assert counts == {one: str(count) for one, count in fragments.items()}


def test_a_comparison_in_a_browser(run: Run, tmp_path: Path) -> None:
    """What regressed and what was fixed is counted apart, and both ends of a case stand beside each other."""
    earlier = Run(tmp_path / "nowhere", replace(ABOUT, label="early"), results({5: Outcome.FAILED, 7: Outcome.FAILED}))
    text = shown(tmp_path, render(run, earlier), f"case={quote(f'{TEST}[4]')}")
    assert "early and late, compared" in text
    assert re.findall(r"</span> (\d+ [a-z ]+)</button>", text) == ["1 regressed", "1 fixed", "25 same"]
    one = text.partition('id="case"')[2]
    assert re.findall(r"<h3>(\w+): <span[^>]*>.</span> (\w+),", one) == [("early", "passed"), ("late", "crashed")]


def test_bad_arguments(capfd: pytest.CaptureFixture[str]) -> None:
    """A run that is not there, or three of them, get one sentence."""
    assert start("page", "nosuch") == 2
    assert start("page", "a", "b", "c") == 2
    assert "there is no run 'nosuch'" in capfd.readouterr().err
