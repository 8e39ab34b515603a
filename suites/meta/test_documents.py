"""The documents are short where they say so, and name only what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fixtures.host.folders import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_PATH = re.compile(r"`((?:fixtures|suites|tools|docs|golden|series)/[a-z0-9_./-]*[a-z0-9_])`")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(document: Path) -> None:
    """Each link leads to a file, each path of the project in small letters exists; a patch is known by its number."""
    links = {link for link in _LINK.findall(_text(document)) if not (document.parent / link).exists()}
    paths = {path for path in _PATH.findall(_text(document)) if not any(ROOT.glob(_pattern(path)))}
    assert (links, paths) == (set(), set())


def _pattern(path: str) -> str:
    return f"{path}-*.patch" if re.search(r"/\d{4}$", path) else path


def test_the_glossary_is_short_and_in_order() -> None:
    """At most 40 words, each once, one line each, in alphabetical order."""
    tables = [
        re.findall(r"^\| (.+?) \| .+ \|$", part, re.MULTILINE) for part in _text(ROOT / "docs/glossary.md").split("##")
    ]
    words = [[word for word in table if word != "word"] for table in tables]
    assert [sorted(some, key=str.lower) for some in words] == words
    assert len({word for some in words for word in some}) == sum(map(len, words)) <= 40


def test_the_design_is_one_page() -> None:
    """It has at most 90 lines and links each decision, under the title that the decision has."""
    design = _text(ROOT / "docs" / "design.md")
    decisions = sorted((ROOT / "docs" / "decisions").iterdir())
    assert len(design.splitlines()) <= 90
    rows = [f"| [{path.name[:4]}](decisions/{path.name}) | {_text(path).splitlines()[0][7:]} |" for path in decisions]
    assert [line for line in design.splitlines() if line.startswith("| [0")] == rows
